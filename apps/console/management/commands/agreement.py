"""How far the workers of a file of judgments agree; no database."""

from pathlib import Path
from typing import Any, get_args

from apps.aggregation import BadTable
from apps.aggregation.agreement import Metric
from apps.console.commands import Command as Base
from apps.console.commands import CommandParser, Progress
from apps.console.judgments import summary
from apps.console.judgments.columns import BadFile
from apps.console.judgments.crowd import open_crowd
from apps.console.judgments.families import FAMILIES

PATIENCE = 3.0  # seconds after which a bar is shown


class Command(Base):
    help = (
        "Print how far workers agree: every coefficient that fits the labels, with a 95 % interval from resampling "
        "tasks. Reads the same files as aggregate. Needs no database."
    )
    expected = (BadFile, BadTable, OSError)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("judgments", type=Path, help="a file of judgments")
        parser.add_argument("--kind", choices=list(FAMILIES), help="what the labels are; told from them without it")
        parser.add_argument("--docs", type=Path, help="spans: a file with columns task, n_tokens; docs.csv beside it")

        parser.add_argument(
            "--metric",
            choices=get_args(Metric),
            help="classes that are numbers, and numbers: Krippendorff's alpha by this metric as well",
        )

    def run(self, judgments: Path, **options: Any) -> None:
        crowd, why = open_crowd(judgments, kind=options["kind"], docs=options["docs"])
        bar = Progress(f"comparing {crowd.name}", 1, patience=PATIENCE)
        figures = crowd.agreement(bar.far)
        if options["metric"]:
            asked = crowd.alpha(options["metric"])
            figures = [*(one for one in figures if one.name != asked.name), asked]
        bar.finish()
        self.say(f"{judgments.name}: {crowd.name}" + f" (guessed: {why})" * bool(why))
        for line in (*summary.of_judgments(crowd), "", *summary.table(figures), *summary.of_notes(crowd.remarks)):
            self.say(line)
