"""Long work that is polled. A verb is a function below and a line in `VERBS`; to add one:

    def write_book(operation: Operation) -> Outcome:
        ...  # for operation.subject, as operation.asked says
        return Outcome(result={"rows": 7})

    VERBS = {…, "write_book": Verb(write_book, refusals=(BadPeriod,))}

and start it with `flow.ask_for(organization, verb="write_book", subject=…, asked={…}, by=user)`. It runs in a worker,
may be run twice and be killed anywhere, and has four minutes: what takes longer returns `Outcome(goes_on=True, …)` and
is called again. What it raises of its `refusals` is the operation's problem, a sentence for whoever asked; anything
else is tried again five times. Files go where `folder_of(operation)` says; `result["file"]` names the one to be fetched
(GET /api/v1/operations/{id}/file), for as long as `KEPT`.
"""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings

from apps.campaigns.models import Campaign
from apps.core import clock
from apps.core.filenames import file_name
from apps.datasets.holding import CannotRemove
from apps.datasets.models import Import
from apps.ledger.services import NotEnoughMoney
from apps.pipeline import fair_pay, removing, steps
from apps.pipeline.models import Operation
from apps.pipeline.motor import Next
from apps.reports.formats import TooManyRows, UnknownFormat
from apps.reports.labels import suffix, write
from apps.reports.labels.flat import OddColumns
from apps.reports.manifest import beside
from apps.reports.payments import BadPeriod, BooksDiffer, write_payments
from apps.reports.payments.period import Period
from apps.reports.payments.selection import Selection
from apps.reports.payments.tax import tax_years, write_tax_years
from apps.reports.sinks import whole_file
from apps.work.models import Split, Task

KEPT = timedelta(days=7)  # how long the files of an export can be fetched
IMPORT_GONE = "the import is not there any more: its dataset was removed"
SO_FAR = "so-far.txt"
TAX_YEAR = "export_tax_year"  # its file names people: who takes it is written down


@dataclass(frozen=True)
class Outcome:
    """How far a verb came. `goes_on`: it wants to be called again, at once or, if `busy`, when the sweep comes by;
    `following`: steps that follow from what it did."""

    result: Mapping[str, Any] = field(default_factory=dict)
    done: int = 0
    total: int = 0
    goes_on: bool = False
    busy: bool = False
    problem: str = ""
    following: Sequence[Next] = ()


@dataclass(frozen=True)
class Verb:
    """A verb with what it may raise as the answer no, each with a sentence."""

    run: Callable[[Operation], Outcome]
    refusals: tuple[type[Exception], ...] = ()


def operate(operation_id: UUID) -> list[Next]:
    """Bring an operation forward, to its end or to where its verb wants to be called again."""
    operation = Operation.objects.select_related("organization").get(pk=operation_id)
    if operation.state in (Operation.State.DONE, Operation.State.FAILED):
        return []
    operation.move(Operation.State.RUNNING)
    verb = VERBS[operation.verb]
    try:
        outcome = verb.run(operation)
    except verb.refusals as refusal:
        outcome = Outcome(problem=str(refusal))
    return [*outcome.following, *_note(operation, outcome)]


def give_up(operation_id: UUID) -> None:
    """End an operation whose step is parked, so that nobody polls it for ever. Run twice, it ends once."""
    now = clock.now()
    Operation.objects.get(pk=operation_id).try_move(Operation.State.FAILED, problem=steps.GIVEN_UP, finished_at=now)


def take_up(operation_id: UUID) -> None:
    """Have an operation wait again that was given up. Run twice, it waits once."""
    given_up = Operation.objects.filter(pk=operation_id, problem=steps.GIVEN_UP)
    Operation.move_all(given_up, Operation.State.WAITING, problem="", finished_at=None)


def folder_of(operation: Operation) -> Path:
    """Return the folder for an operation's files, made now if it is not there; web and worker must both see it."""
    folder = Path(settings.EXPORT_ROOT) / operation.pk.hex
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def file_of(operation: Operation) -> Path | None:
    """Return the file that an operation made, None where it made none or it is kept no longer."""
    name = operation.result.get("file")
    path = Path(settings.EXPORT_ROOT) / operation.pk.hex / str(name)
    return path if name and path.is_file() else None


def progress(operation: Operation) -> tuple[int, int]:
    """Return how much of how much is done as of now: an import tells after every batch, an export while it is
    written, others after every call."""
    if operation.finished_at is not None:
        return operation.done, operation.total
    if operation.verb == "import":
        job = Import.objects.filter(pk=operation.asked["import"]).first()
        return (min(job.bytes_read, job.bytes_total), job.bytes_total) if job else (operation.done, operation.total)
    return _told(operation) or (operation.done, operation.total)


def _tells(operation: Operation, total: int) -> Callable[[int], None]:
    """Return what takes how much is done while the operation runs: in a file, as its transaction shows no rows yet."""
    note = folder_of(operation) / SO_FAR

    def tell(done: int) -> None:
        fresh = note.with_suffix(".new")
        fresh.write_text(f"{done} {total}")
        fresh.replace(note)

    tell(0)
    return tell


def _told(operation: Operation) -> tuple[int, int] | None:
    """Return what was told last of an operation that runs, None where it tells nothing."""
    try:
        done, total = (Path(settings.EXPORT_ROOT) / operation.pk.hex / SO_FAR).read_text().split()
    except FileNotFoundError:
        return None
    return int(done), int(total)


def clear() -> int:
    """Remove the files of operations that ended long ago; return how many operations had some."""
    old = Operation.objects.filter(finished_at__lt=clock.now() - KEPT, finished_at__gt=clock.now() - 10 * KEPT)
    folders = [Path(settings.EXPORT_ROOT) / pk.hex for pk in old.values_list("pk", flat=True)]
    present = [folder for folder in folders if folder.is_dir()]
    for folder in present:
        shutil.rmtree(folder, ignore_errors=True)
    return len(present)


def bring_in(operation: Operation) -> Outcome:
    """Tell of a file that a step of its own reads, which sends for this when it is through; counts bytes."""
    job = Import.objects.filter(pk=operation.asked["import"]).first()
    if job is None:
        return Outcome(done=operation.done, total=operation.total, problem=IMPORT_GONE)
    rows = {"rows_added": job.rows_added, "rows_known": job.rows_known, "rows_bad": job.rows_bad}
    return Outcome(
        {"import": str(job.pk), **rows},
        done=min(job.bytes_read, job.bytes_total),
        total=job.bytes_total,
        goes_on=job.state in (Import.State.WAITING, Import.State.RUNNING),
        busy=True,
        problem=job.problem if job.state == Import.State.FAILED else "",
    )


def launch(operation: Operation) -> Outcome:
    """Split a launched campaign's items into tasks until it is open; counts items."""
    campaign = Campaign.objects.get(pk=operation.asked["campaign"])
    following = steps.split(campaign.pk)
    campaign.refresh_from_db()
    items = campaign.dataset.items
    up_to = Split.objects.filter(campaign=campaign).values_list("up_to_item", flat=True).first() or 0
    return Outcome(
        {"campaign": str(campaign.pk), "state": campaign.state},
        done=items.filter(pk__lte=up_to).count(),
        total=items.count(),
        goes_on=campaign.state == Campaign.State.LAUNCHING,
        following=[each for each in following if each.step != "split"],
    )


def export_labels(operation: Operation) -> Outcome:
    """Write a campaign's labels to a file; counts labels."""
    asked = operation.asked
    campaign = Campaign.objects.get(pk=asked["campaign"])
    name = file_name(campaign.name, suffix(asked["format"]))
    choices = {each: bool(asked.get(each)) for each in ("with_gold", "with_votes", "raw")}
    tasks = Task.objects.filter(campaign=campaign, **({} if choices["with_gold"] else {"gold": False}))
    path = folder_of(operation) / name
    manifest = write(campaign, format=asked["format"], to=path, told=_tells(operation, tasks.count()), **choices)
    beside(path).write_text(manifest.text(name))
    return _written(name, manifest.rows, manifest.bytes, manifest.sha256)


def export_payments(operation: Operation) -> Outcome:
    """Write what was owed in a period to a file; counts obligations."""
    asked = operation.asked
    since, until = datetime.fromisoformat(asked["since"]), datetime.fromisoformat(asked["until"])
    last = until - timedelta(microseconds=1)
    name = f"payments-{operation.organization.slug}-{since:%Y-%m-%d}-{last:%Y-%m-%d}.{asked['format']}"
    path = folder_of(operation) / name
    only = {each: asked[each] for each in ("campaign", "worker", "currency", "kind") if asked.get(each)}
    total = Selection(operation.organization, Period.of(since, until), **only).obligations().count()
    manifest = write_payments(
        operation.organization, since=since, until=until, format=asked["format"], path=path,
        tell=_tells(operation, total), **only,
    )  # fmt: skip
    return _written(name, manifest.rows, manifest.bytes, manifest.sha256)


def export_tax_year(operation: Operation) -> Outcome:
    """Write who is reported of a year, by name, to a file; counts workers."""
    year = int(operation.asked["year"])
    path = folder_of(operation) / f"tax-{operation.organization.slug}-{year}.csv"
    years = tax_years(operation.organization, year=year)
    tell = _tells(operation, sum(len(each.reported) for each in years))
    with whole_file(path) as stream:
        manifest = write_tax_years(years, stream, tell=tell)
    beside(path).write_text(manifest.text(path.name))
    return _written(path.name, manifest.rows, manifest.bytes, manifest.sha256)


def top_up_wages(operation: Operation) -> Outcome:
    """Owe what a top-up to the promised wage was planned to give, where whoever asked did not see it to its end; counts
    workers."""
    is_left = fair_pay.owe_some(operation.pk)
    operation.refresh_from_db(fields=["asked"])
    given = operation.asked["owed"]
    return Outcome(
        {"workers": sum(cents > 0 for cents in given.values()), "amount": sum(given.values())},
        done=len(given), total=len(operation.asked["short"]), goes_on=is_left,
    )  # fmt: skip


def remove_dataset(operation: Operation) -> Outcome:
    """Remove a dataset that no campaign uses; counts files. From the first call on nobody uses it."""
    dataset = UUID(operation.asked["dataset"])
    done = operation.done + removing.remove(dataset, by=operation.created_by)
    left = removing.left(dataset)
    goes_on = left > 0 or not removing.is_gone(dataset)
    return Outcome({"dataset": str(dataset), "files": done}, done=done, total=done + left, goes_on=goes_on)


VERBS: Mapping[str, Verb] = {
    "import": Verb(bring_in),
    "launch": Verb(launch),
    "export_labels": Verb(export_labels, refusals=(UnknownFormat, OddColumns)),
    "export_payments": Verb(export_payments, refusals=(UnknownFormat, BadPeriod, BooksDiffer, TooManyRows)),
    TAX_YEAR: Verb(export_tax_year, refusals=(BadPeriod,)),
    removing.VERB: Verb(remove_dataset, refusals=(CannotRemove,)),
    fair_pay.VERB: Verb(top_up_wages, refusals=(NotEnoughMoney,)),
}


def _written(name: str, rows: int, size: int, sha256: str) -> Outcome:
    return Outcome({"file": name, "rows": rows, "bytes": size, "sha256": sha256}, done=rows, total=rows)


def _note(operation: Operation, outcome: Outcome) -> list[Next]:
    """Write down how far the operation is; return the next call of it, if it goes on."""
    far = {"done": outcome.done, "total": max(outcome.done, outcome.total), "result": dict(outcome.result)}
    if outcome.problem:
        operation.move(Operation.State.FAILED, problem=outcome.problem, finished_at=clock.now(), **far)
    elif not outcome.goes_on:
        operation.move(Operation.State.DONE, finished_at=clock.now(), **far)
    else:
        operation.move(Operation.State.RUNNING, **far)
        return [] if outcome.busy else [Next("operate", operation.pk)]
    return []
