"""Small drawings as inline SVG: no script, no font, no colour of their own; the page's classes colour them."""

from apps.reports.charts.area import area
from apps.reports.charts.calibration import Bin, calibration
from apps.reports.charts.columns import columns
from apps.reports.charts.curve import Point, curve
from apps.reports.charts.matrix import Matrix, counted, matrix
from apps.reports.charts.span import span

__all__ = ["Bin", "Matrix", "Point", "area", "calibration", "columns", "counted", "curve", "matrix", "span"]
