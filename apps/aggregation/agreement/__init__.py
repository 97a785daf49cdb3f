"""How far workers agree, each coefficient with an interval from resampling tasks."""

from .bootstrap import Coefficient
from .cohen import cohen
from .distance import alpha_by_distance
from .fleiss import fleiss
from .gwet import gwet
from .intraclass import icc, icc_crossed, is_crossed
from .krippendorff import Metric, alpha, alpha_of_numbers
from .pairwise import pairwise
from .percent import percent

__all__ = [
    "Coefficient",
    "Metric",
    "alpha",
    "alpha_by_distance",
    "alpha_of_numbers",
    "cohen",
    "fleiss",
    "gwet",
    "icc",
    "icc_crossed",
    "is_crossed",
    "pairwise",
    "percent",
]
