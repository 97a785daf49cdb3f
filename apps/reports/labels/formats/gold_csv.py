"""The known answers that tell how good workers are, as CSV with the columns task, label: what `aggregate --gold` reads.

Items are named as in `judgments_csv`, beside which this is read. A question of which several answers are right is left
out: a file has one label a task. Text that a spreadsheet would run is made harmless unless `raw` is asked for.
"""

import csv
import io
from collections.abc import Sequence
from typing import IO

from apps.campaigns.queries import scoring_gold
from apps.reports.cells import neutral
from apps.reports.labels.selection import Selection
from apps.reports.labels.single import as_text

SUFFIX = "gold.csv"
COLUMNS = ("task", "label")


def write(selection: Selection, sink: IO[bytes]) -> tuple[Sequence[str], int]:
    text = str if selection.raw else neutral
    known = (
        scoring_gold(selection.campaign).order_by("item__external_id", "pk").values_list("item__external_id", "answers")
    )
    rows = [(text(item), text(as_text(answers[0]))) for item, answers in known if len(answers) == 1]
    lines = io.StringIO(newline="")
    csv.writer(lines).writerows([COLUMNS, *rows])
    sink.write(lines.getvalue().encode())
    return COLUMNS, len(rows)
