"""The families of answers, by name."""

from collections.abc import Mapping

from .base import Family, Outcome
from .boxes import Boxes
from .categorical import Categorical
from .intervals import Intervals
from .masks import Masks
from .multilabel import Multilabel
from .numeric import Numeric
from .pairwise import Pairwise
from .spans import Spans
from .text import Text

FAMILIES: Mapping[str, type[Family]] = {
    family.name: family for family in (Categorical, Multilabel, Numeric, Text, Spans, Intervals, Boxes, Masks, Pairwise)
}

__all__ = ["FAMILIES", "Family", "Outcome"]
