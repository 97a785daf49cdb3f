"""Measure what a worker waits for: from the key press that hands a page in until the next question is on the screen.

    DATABASE_URL=... python infra/bench/worker_page.py [PAGES] [LATENCY_MS ...]

A site of our own and a real Chromium; the page fetches the next one ahead by itself. Works in a database of its own
beside that of DATABASE_URL, and removes it. Prints the 95th percentile, the median and the longest wait, for each
latency that is added to every request; ends with 1 where a 95th percentile is over what is promised.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from infra.house.page import prepare, site

prepare()

from infra.speed import pages as next_pages  # noqa: E402 - Django is set up first
from infra.speed.measuring import row  # noqa: E402


def main(pages: int, latencies: list[int]) -> int:
    """Return 1 where a worker waits too long, else 0."""
    missed = False
    with site() as url:
        for figure in next_pages.measure(url, pages=pages, latencies=latencies):
            print(row(figure), flush=True)
            missed |= figure.misses
    return int(missed)


if __name__ == "__main__":
    given = [int(one) for one in sys.argv[1:]]
    sys.exit(main(given[0] if given else next_pages.PAGES, given[1:] or list(next_pages.LATENCIES)))
