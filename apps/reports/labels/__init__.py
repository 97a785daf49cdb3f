"""Labels as files: a format is a module of `formats`, found by being there."""

from apps.reports.labels.export import format_names, suffix, write

__all__ = ["format_names", "suffix", "write"]
