"""Names of form controls: a place's controls are named '<place>.<field>'."""

from collections.abc import Iterable, Sequence


def relative(posted: Iterable[tuple[str, Sequence[str]]], place: str) -> dict[str, Sequence[str]]:
    """Return the fields of one place without its prefix, out of a whole posted form (`request.POST.lists()`).

    >>> relative([("7f.value", ["cat"]), ("8a.value", ["dog"]), ("csrf", ["x"])], place="7f")
    {'value': ['cat']}
    """
    prefix = f"{place}."
    return {name.removeprefix(prefix): values for name, values in posted if name.startswith(prefix)}
