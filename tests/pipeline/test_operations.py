"""Long work that is polled: it says how far it is, ends once, and survives whatever happens to its messages."""

from pathlib import Path

import pytest

from apps.core import clock
from apps.core.states import IllegalMove
from apps.datasets import services as datasets
from apps.datasets.models import Import
from apps.ledger import services as ledger
from apps.pipeline import flow, operations, reading, steps
from apps.pipeline.models import Delivery, Operation
from apps.pipeline.motor import Next
from apps.pipeline.operations import Outcome, Verb
from apps.reports.labels import selection
from apps.reports.labels.formats import jsonl
from tests import belt
from tests.factories import CHOICE, DatasetFactory, OrganizationFactory, draft, number
from tests.running import handed_in, running

pytestmark = pytest.mark.django_db
State = Operation.State


def asked(campaign, verb, **values):
    return flow.ask_for(
        campaign.organization, verb=verb, subject=campaign.key, asked={"campaign": str(campaign.pk), **values}
    )


def test_an_export_becomes_a_file_that_can_be_fetched():
    campaign = running(items=2, page_size=2, redundancy=1)
    handed_in(campaign)
    asking = asked(campaign, "export_labels", format="jsonl")

    belt.run()

    asking.refresh_from_db()
    assert (asking.state, asking.done, asking.total) == (State.DONE, 2, 2)
    assert len(operations.file_of(asking).read_text().splitlines()) == 2


def test_a_campaign_with_a_long_name_is_exported_too():
    campaign = running(items=1, page_size=1, redundancy=1, name="動物" * 50)
    handed_in(campaign)
    asking = asked(campaign, "export_labels", format="csv")

    belt.run()

    asking.refresh_from_db()
    assert asking.state == State.DONE
    assert operations.file_of(asking).name == "動物" * 25 + ".csv"


def test_an_operation_is_found_again_by_the_sweep_and_done_once():
    campaign = running(items=1)
    asking = asked(campaign, "export_labels", format="csv")

    assert ("operate", asking.pk) in {(each.step, each.pk) for each in belt.due()}
    belt.run()
    first = Operation.objects.get()
    operations.operate(asking.pk)

    assert Operation.objects.get().finished_at == first.finished_at
    assert not [each for each in belt.due() if each.step == "operate"]


def test_what_a_verb_refuses_is_the_operations_problem():
    campaign = running(items=1)
    asking = asked(campaign, "export_labels", format="docx")

    operations.operate(asking.pk)

    asking.refresh_from_db()
    assert asking.state == State.FAILED
    assert "'docx' is not one of the formats" in asking.problem


def test_an_import_tells_its_rows_and_how_far_it_is(tmp_path):
    dataset = DatasetFactory()
    (tmp_path / "rows.jsonl").write_text('{"text": "a"}\n{"text": "b"}\n[]\n')
    job = flow.bring_in(dataset, path=tmp_path / "rows.jsonl")
    asking = flow.ask_for(
        dataset.organization, verb="import", subject=f"dataset:{dataset.pk}", asked={"import": str(job.pk)}
    )
    assert operations.progress(asking) == (0, 31)

    belt.run()

    asking.refresh_from_db()
    assert asking.state == State.DONE
    assert asking.result == {"import": str(job.pk), "rows_added": 2, "rows_known": 0, "rows_bad": 1}
    assert operations.progress(asking) == (31, 31)


def test_small_files_for_one_dataset_are_read_one_after_the_other_by_one_reader(tmp_path):
    dataset = DatasetFactory()
    jobs, told = [], []
    for n in range(3):
        path = tmp_path / f"{n}.jsonl"
        path.write_text(f'{{"external_id": "{n}", "text": "x"}}\n')
        jobs.append(flow.bring_in(dataset, path=path))
        told.append(flow.ask_for(dataset.organization, verb="import", subject="x", asked={"import": str(jobs[-1].pk)}))

    looked = [operations.operate(each.pk) for each in told]
    assert looked == [[], [], []]
    assert set(Import.objects.values_list("state", flat=True)) == {"waiting"}, "an operation only tells of its import"
    following = steps.bring_in(jobs[0].pk)

    assert set(Import.objects.values_list("state", flat=True)) == {"done"}
    assert set(following) == {Next("operate", each.pk) for each in told}
    for each in following:
        belt.follow(each)
    assert set(Operation.objects.values_list("state", flat=True)) == {State.DONE}


def test_what_waits_for_a_dataset_follows_what_was_read_into_it_and_not_what_fails_by_itself(tmp_path):
    dataset = DatasetFactory()
    for n in range(3):
        (tmp_path / f"{n}.jsonl").write_text('{"text": "x"}\n')
    first, failing, last = (flow.bring_in(dataset, path=tmp_path / f"{n}.jsonl") for n in range(3))
    Delivery.objects.create(step="bring_in", key=str(failing.pk), count=1, due_at=clock.now(), reason="its reader died")

    datasets.run_import(first.pk)

    assert reading.next_into(dataset.pk) == last.pk


def test_an_import_that_fails_says_why(tmp_path):
    dataset = DatasetFactory()
    (tmp_path / "rows.jsonl").write_text("\n")
    job = flow.bring_in(dataset, path=tmp_path / "rows.jsonl")
    asking = flow.ask_for(dataset.organization, verb="import", subject="dataset:x", asked={"import": str(job.pk)})

    belt.run()

    asking.refresh_from_db()
    assert asking.state == State.FAILED
    assert asking.problem == Import.objects.get().problem


def test_a_launch_is_done_when_the_campaign_is_open():
    campaign = draft(items=5)
    ledger.deposit(campaign.organization, amount=100_000, currency="USD", reference=f"test {number()}")
    flow.launch(campaign)
    asking = asked(campaign, "launch")

    belt.run()

    asking.refresh_from_db()
    campaign.refresh_from_db()
    assert campaign.state == "running"
    assert (asking.state, asking.done, asking.total) == (State.DONE, 5, 5)


def test_a_verb_that_goes_on_is_called_again_until_it_ends(monkeypatch):
    far = []

    def count(operation):
        far.append(operation.done)
        return Outcome(done=operation.done + 1, total=3, goes_on=operation.done < 2)

    monkeypatch.setitem(operations.VERBS, "count", Verb(count))
    asking = flow.ask_for(OrganizationFactory(), verb="count", subject="x")

    belt.run()

    asking.refresh_from_db()
    assert (far, asking.state) == ([0, 1, 2], State.DONE)


def test_an_operation_that_ended_does_not_move():
    asking = Operation.objects.create(organization=OrganizationFactory(), verb="x", subject="y")
    asking.move(State.FAILED, problem="because", finished_at=asking.created_at)

    with pytest.raises(IllegalMove):
        asking.move(State.RUNNING)


def test_files_that_are_kept_no_longer_are_removed():
    campaign = running(items=1)
    asking = asked(campaign, "export_labels", format="jsonl")
    belt.run()
    asking.refresh_from_db()
    assert operations.clear() == 0

    Operation.objects.update(finished_at=asking.finished_at - 2 * operations.KEPT)

    assert operations.clear() == 1
    assert operations.file_of(asking) is None


@pytest.mark.parametrize("format_", ["jsonl", "csv", "parquet", "label_studio"])
def test_an_export_tells_how_far_it_is_while_it_is_written(format_, monkeypatch):
    campaign = running(items=30, settings=CHOICE, redundancy=1)
    asking = asked(campaign, "export_labels", format=format_)
    asking.move(State.RUNNING)
    for module in (selection, jsonl):
        monkeypatch.setattr(module, "AT_ONCE", 10)
    seen = set()
    written = Path.write_text

    def looked_at(path, text):
        written(path, text)
        seen.add(operations.progress(asking))

    monkeypatch.setattr(Path, "write_text", looked_at)
    operations.operate(asking.pk)

    asking.refresh_from_db()
    assert {(10, 30), (20, 30)} <= seen
    assert operations.progress(asking) == (30, 30)
