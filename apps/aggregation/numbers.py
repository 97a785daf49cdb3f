"""What is made of numbers that several workers gave to one task, an algorithm a file."""

from .counted import are_counted
from .huber import robust
from .mean import mean
from .measurements import Estimate, Measurements, errors, standard_error, weighted_mean
from .median import median
from .slips import split, winsorised
from .spread import TO_DEVIATION, deviation

__all__ = [
    "TO_DEVIATION",
    "Estimate",
    "Measurements",
    "are_counted",
    "deviation",
    "errors",
    "mean",
    "median",
    "robust",
    "split",
    "standard_error",
    "weighted_mean",
    "winsorised",
]
