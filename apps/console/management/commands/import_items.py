"""Import a file into a dataset, here and now."""

import time
from typing import Any

from django.db import transaction

from apps.console.commands import Command as Base
from apps.console.commands import CommandError, CommandParser, Progress, dataset, organization
from apps.datasets import services
from apps.datasets.models import Import

BAD_ROWS_SHOWN = 10


class Command(Base):
    help = (
        "Import items from a CSV, TSV, JSONL or JSON file, or from a ZIP or folder of media. May be run again: items "
        "that the dataset has are passed over, and an import that was cut short goes on where it stopped."
    )
    expected = (services.Refused,)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("dataset", help="its name; made if there is none")
        parser.add_argument("file", help="a file, or a folder of media")
        parser.add_argument("--organization", help="short name; needed where there are several")
        parser.add_argument(
            "--media-columns", default="", help="columns whose values are names of media, with commas between"
        )

    def run(self, file: str, **options: Any) -> None:
        columns = [name.strip() for name in options["media_columns"].split(",") if name.strip()]
        of = organization(options["organization"])
        with transaction.atomic():  # a file that can't be read leaves no empty dataset behind
            started = services.start_import(dataset(options["dataset"], of), path=file, media_columns=columns)
        bar = Progress(started.file_name, started.bytes_total)
        done = self._finish(started, bar)
        bar.end()
        self._tell(done)

    def _finish(self, started: Import, bar: Progress) -> Import:
        """Run the import; should a worker have taken it, or another be under way, wait for it and look again."""
        while True:
            try:
                return services.run_import(started.pk, progress=lambda job: bar.at(job.bytes_read, _rows(job)))
            except services.ImportBusy:
                time.sleep(1)

    def _tell(self, done: Import) -> None:
        counts = f"{done.rows_added:,} added, {done.rows_known:,} known before, {done.rows_bad:,} refused"
        self.say(f"{done.file_name} into {done.dataset}: {counts}")
        for bad in done.bad_rows.all()[:BAD_ROWS_SHOWN]:
            where = f"{bad.file}, " if bad.file else ""
            self.say(f"  {where}line {bad.line}: {bad.reason}")
        if done.rows_bad > BAD_ROWS_SHOWN:
            self.say(f"  and {done.rows_bad - BAD_ROWS_SHOWN:,} more, in the admin")
        if done.state == Import.State.FAILED:
            raise CommandError(f"the import failed: {done.problem}")


def _rows(job: Import) -> str:
    return f"{job.rows_read:,} rows"
