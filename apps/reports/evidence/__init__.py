"""What speaks for a campaign's labels: agreement, workers' confusions, audits, cost, and what more would gain."""

from apps.reports.evidence.evidence import Evidence, evidence

__all__ = ["Evidence", "evidence"]
