"""From redundant answers of uneven workers to labels with honest confidence: arithmetic on arrays, nothing else."""

from .result import Diagnostics, Result
from .table import BadTable, Known, Table

__all__ = ["BadTable", "Diagnostics", "Known", "Result", "Table"]
