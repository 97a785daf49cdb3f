"""How far workers agree, each coefficient with an interval from resampling tasks."""

from .bootstrap import Coefficient
from .krippendorff import alpha
from .percent import percent

__all__ = ["Coefficient", "alpha", "percent"]
