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
from infra.speed.measuring import Figure

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
    OUT.parent.mkdir(parents=True, exist_ok=True)
    rows = [{name: getattr(figure, name) for name in ("name", "value", "unit", "setting")} for figure in found]
    OUT.write_text(json.dumps(rows, indent=1) + "\n")
    missed = [figure.name for figure in found if figure.misses]
    print(f"not reached: {', '.join(missed)}" if missed else "every figure that has an aim reaches it")
    print(f"{len(found)} figures in {time.monotonic() - began:.0f} s, in {OUT.relative_to(Path.cwd())}")


def row(figure: Figure) -> str:
    """Return a figure as a line of the table."""
    aim = f"at most {figure.most:,.1f}" if figure.most is not None else ""
    aim = f"at least {figure.least:,.0f}" if figure.least is not None else aim
    return f"{figure.name:<26}{figure.value:>12,.2f} {figure.unit:<9}{aim:<17}{figure.setting}"


if __name__ == "__main__":
    main()
