"""All that a page shows of one campaign, as values: read here, drawn elsewhere."""

from apps.reports.portrait.portrait import Portrait, portrait

__all__ = ["Portrait", "portrait"]
