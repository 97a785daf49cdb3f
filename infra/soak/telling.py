"""What a soak says of the lines that were struck, in words."""

from collections.abc import Iterable, Mapping

from infra.house.striking import Known, Line


def told(counted: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counted.items()) if count)


def tell_lines(what: str, known: Mapping[str, Known]) -> None:
    """Say how many lines were struck, of those that were run through, and which were not; and where none ever came."""
    ran, struck, there = (
        set[Line]().union(*(getattr(each, name) for each in known.values())) for name in ("ran", "struck", "there")
    )
    print(f"struck {len(ran & struck)} of {len(ran)} lines {what}")
    _tell("not struck", ran - struck)
    _tell("never come to", there - ran)


def tell_left(what: str, known: Mapping[str, Known]) -> int:
    """Say how many crash points were struck, of those known, and name the others; return how many those are.

    A line counts for each name whose own it is, and once for all where it is run through alike by all.
    """
    own = sum(len(each.own) for each in known.values())
    common = set[Line]().union(*(each.common for each in known.values()))
    left = {name: each.left for name, each in known.items()}
    # What is left of the lines that count once is left once, whoever ran through it.
    alike = {line for name, lines in left.items() for line in lines if line[0].startswith(known[name].once)}
    points = sum(len(lines - alike) for lines in left.values()) + len(alike)
    print(
        f"struck {own + len(common)} of {own + len(common) + points} crash points {what}, {len(common)} for all alike"
    )
    _tell("not struck of what all run through", alike)
    for name, lines in sorted(left.items()):
        _tell(f"not struck of {name}", lines - alike)
    ran, there = (set[Line]().union(*(getattr(each, name) for each in known.values())) for name in ("ran", "there"))
    _tell("never come to", there - ran)
    return points


def _tell(doing: str, lines: Iterable[Line]) -> None:
    for file in sorted({file for file, _ in lines}):
        print(f"  {doing}, {file}: {', '.join(str(line) for name, line in sorted(lines) if name == file)}")
