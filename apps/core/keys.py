"""Keys that name a row of any model, as trails, budgets and markets' intents keep them: "obligation:7"."""

from django.db.models import OuterRef, TextField, Value
from django.db.models.functions import Cast, Concat


def key_of(noun: str, row: str = "pk", *, end: str = "") -> Concat:
    """Return, for a subquery, the key of a row of the outer query: "claim:…", with `end` after it."""
    parts = [Value(f"{noun}:"), Cast(OuterRef(row), TextField()), *([Value(end)] if end else [])]
    return Concat(*parts, output_field=TextField())
