"""Lets an unruly crowd work while everything is killed, and then asks the rows whether every promise was kept.

    make soak MINUTES=10 [ARGS="--two --seed 7"]

By itself: an embedded PostgreSQL and the processes of `make serve`, in a temporary folder. With --two: two web servers,
two workers, RabbitMQ and an external PostgreSQL, both Debian's. Exits with 1 and a sentence for each broken promise.

    make soak ARGS="--market --crashes 500"

Asks an outside market, which is our own service, over a wire that lies, while what asks and answers is killed at lines.

    make soak ARGS=--every-line [ARGS="--every-line --operations 'pay a bonus' notify"]

The same two, but the wire lies by plan, and what asks and what answers is killed at each line of each operation.

    make soak MINUTES=3 ARGS=--upgrade-from

Another version serves the crowd, its tables are migrated to this one's under load, and it is restarted.
"""

import argparse
import contextlib
import sys

from infra.house import ground
from infra.house.ground import Outside


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, help="10; with --every-line the most that it takes, 30")
    parser.add_argument("--workers", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pause", type=float, default=5.0, help="seconds between blows, on average")
    parser.add_argument("--two", action="store_true", help="two webs, two workers, RabbitMQ, an external PostgreSQL")
    parser.add_argument("--market", action="store_true", help="our channel against our own service, over a lying wire")
    parser.add_argument(
        "--crashes", type=int, default=500, help="with --market: so many kills between intent and receipt"
    )
    parser.add_argument("--every-line", action="store_true", help="each line of the channel and the service is struck")
    parser.add_argument("--operations", nargs="+", help="with --every-line: these alone (infra/soak/yard.py)")
    parser.add_argument(
        "--upgrade-from", nargs="?", const="", metavar="COMMIT",
        help="serve from this commit (else the one before the newest migration), and upgrade meanwhile; no blows",
    )  # fmt: skip
    asked = parser.parse_args()
    asked.minutes = asked.minutes or (30.0 if asked.every_line else 10.0)
    return asked


def main() -> int:
    asked = arguments()
    with contextlib.ExitStack() as stack:
        outside = stack.enter_context(ground.outside()) if asked.two else Outside()
        ground.prepare(database=outside.database, broker=outside.broker)
        from infra.soak import bazaar, lines, siege, upgrade  # noqa: PLC0415  # settings come before a model is imported
        from labelcrowd import broker  # noqa: PLC0415

        stack.callback(broker.close)  # while what it speaks to is there
        if asked.every_line:
            return lines.run(asked)
        if asked.market:
            return bazaar.run(asked)
        if asked.upgrade_from is not None:
            asked.upgrade_from = asked.upgrade_from or upgrade.newest_before()
            return upgrade.run(asked)
        return siege.run(asked, outside)


if __name__ == "__main__":
    sys.exit(main())
