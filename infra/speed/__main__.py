"""How much processor time, memory and waiting labelcrowd costs; prints a table and writes var/bench/latest.json.

    make bench [ARGS="idle cycles"]

It runs by itself: an embedded PostgreSQL with its durability on and the processes of `make serve`, in a temporary
folder that is deleted at the end. Processor time is that of web, worker, scheduler and PostgreSQL together, read from
/proc; the load generator's own does not count. Figures are not bounds: nothing fails here.
"""

import argparse
import json
import time
from pathlib import Path

from infra.house import ground

if __name__ == "__main__":
    ground.prepare()  # the settings must be known before a model is imported

from infra.house.servers import house
from infra.speed import figures
from infra.speed.measuring import Figure, row

OUT = Path(__file__).parents[2] / "var" / "bench" / "latest.json"


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="part", help=f"some of {', '.join(figures.PARTS)}; all by default")
    asked = parser.parse_args()
    if unknown := set(asked.parts) - set(figures.PARTS):
        parser.error(f"{', '.join(sorted(unknown))}: the parts are {', '.join(figures.PARTS)}")
    found: list[Figure] = []
    began = time.monotonic()
    with house() as home:
        for name, measure in figures.PARTS.items():
            if not asked.parts or name in asked.parts:
                for figure in measure(home):
                    print(row(figure), flush=True)
                    found.append(figure)
                keep(found)  # a part that fails takes none of the ones before it along
    missed = [figure.name for figure in found if figure.misses]
    print(f"not reached: {', '.join(missed)}" if missed else "every figure that has an aim reaches it")
    print(f"{len(found)} figures in {time.monotonic() - began:.0f} s, in {OUT.relative_to(Path.cwd())}")


def keep(found: list[Figure]) -> None:
    """Write down what was measured, over what was before."""
    OUT.parent.mkdir(parents=True, exist_ok=True)
    rows = [written(figure) for figure in found]
    OUT.write_text(json.dumps([*_others(rows), *rows], indent=1) + "\n")


def written(figure: Figure) -> dict[str, object]:
    """Return a figure as it is kept: its setting says when it was measured, as others' rows may be older."""
    at = figure.measured_at.strftime("%Y-%m-%d %H:%M UTC")
    return {"name": figure.name, "value": figure.value, "unit": figure.unit, "setting": f"{figure.setting}; {at}"}


def _others(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """Return what was measured before and not now: who asks for a part keeps the rest."""
    before = json.loads(OUT.read_text()) if OUT.is_file() else []
    measured = {each["name"] for each in rows}
    return [each for each in before if each["name"] not in measured]


if __name__ == "__main__":
    main()
