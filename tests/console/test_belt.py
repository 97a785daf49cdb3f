"""What the belt gave up is shown to whose rows it is, and tried again at a click."""

import inspect

import pytest

from apps.core import clock
from apps.datasets import services as datasets
from apps.members.models import Role
from apps.pipeline import actors, operations, steps, watching
from apps.pipeline.models import Delivery, Operation, Schedule
from apps.pipeline.motor import Next
from apps.pipeline.outstanding import outstanding
from tests.console.house import client_of, house, page
from tests.factories import DatasetFactory, draft

pytestmark = pytest.mark.django_db


def parked(key: object, step: str = "combine") -> Delivery:
    return Delivery.objects.create(step=step, key=str(key), count=5, parked_at=clock.now(), reason="ValueError: why")


def test_a_parked_step_is_tried_again_at_a_click():
    campaign = draft()
    delivery = parked(campaign.pk)

    client_of(campaign.organization, Role.ADMIN).post(page(delivery, "unpark"))

    assert not Delivery.objects.exists()


def test_a_parked_step_is_seen_only_in_the_organization_of_its_row():
    mine, theirs = draft(), draft()
    parked(mine.pk)
    parked(theirs.pk)
    parked("a row that is gone", step="finish")
    browser = client_of(mine.organization, Role.ADMIN)

    listed = browser.get(page(Delivery)).context["cl"].result_list

    assert [one.key for one in listed] == [str(mine.pk)]
    assert "Parked jobs" in browser.get("/admin/").content.decode()


def test_why_a_clock_failed_is_not_shown_as_it_may_speak_of_others():
    Schedule.objects.update_or_create(
        name="sweep", defaults={"every_seconds": 30, "ran_at": clock.now(), "error": "KeyError: 'a customer'"}
    )

    browser = client_of(draft().organization, Role.ADMIN)
    shown = (
        browser.get(page(Schedule)).content.decode()
        + browser.get("/admin/pipeline/schedule/sweep/change/").content.decode()
    )

    assert "sweep" in shown
    assert "customer" not in shown


def test_a_parked_step_of_every_kind_of_row_is_seen_where_its_row_is():
    mine = house()
    rows = {step: mine.rows.get(model._meta.label) for step, (model, _) in watching.OWNERS.items()}
    there = {step: row.pk for step, row in rows.items() if row is not None}
    for step, pk in there.items():
        parked(pk, step=step)

    seen = watching.deliveries_of([mine.organization.pk]).values_list("step", flat=True)

    assert set(there) <= set(seen)
    assert {"bring_in", "remit", "collect", "pass_on", "deliver", "invite"} <= set(there)
    assert not watching.deliveries_of([draft().organization_id]).exists()


def test_every_step_is_of_a_campaign_or_it_is_said_of_what():
    of_campaigns = {
        step.name for step in actors.MOTOR.steps.values() if "campaign_id" in inspect.signature(step.run).parameters
    }

    assert set(actors.MOTOR.steps) == of_campaigns | set(watching.OWNERS) | set(watching.EVERYBODYS)


def test_an_operation_whose_step_is_parked_has_failed_for_whoever_polls_it():
    operation = Operation.objects.create(organization=draft().organization, verb="export_labels", subject="x:1")
    Delivery.objects.create(step="operate", key=str(operation.pk), count=5, begun_at=clock.now())

    actors.MOTOR.deliver(Next("operate", operation.pk))

    operation.refresh_from_db()
    assert (operation.state, operation.problem) == ("failed", steps.GIVEN_UP)
    assert Delivery.objects.get().parked_at


def test_an_operation_that_was_given_up_is_waited_for_again_once_it_is_tried_again():
    campaign = draft()
    operation = Operation.objects.create(organization=campaign.organization, verb="export_labels", subject="x:1",
                                         asked={"campaign": str(campaign.pk), "format": "csv"})  # fmt: skip
    delivery = parked(operation.pk, step="operate")
    operations.give_up(operation.pk)

    actors.unpark(delivery)
    operation.refresh_from_db()
    waiting = (operation.state, operation.problem)
    actors.MOTOR.deliver(Next("operate", operation.pk))

    operation.refresh_from_db()
    assert waiting == ("waiting", "")
    assert operation.state == "done"


def test_an_import_whose_step_is_parked_has_failed_and_goes_on_once_it_is_tried_again(tmp_path):
    (tmp_path / "rows.jsonl").write_text('{"text": "a"}')
    job = datasets.start_import(DatasetFactory(), path=tmp_path / "rows.jsonl")
    Delivery.objects.create(step="bring_in", key=str(job.pk), count=5, begun_at=clock.now())

    actors.MOTOR.deliver(Next("bring_in", job.pk))
    job.refresh_from_db()
    given_up = (job.state, job.problem)
    actors.unpark(Delivery.objects.get())  # and its message is lost
    found = list(outstanding())
    actors.MOTOR.deliver(Next("bring_in", job.pk))

    job.refresh_from_db()
    assert given_up == ("failed", steps.GIVEN_UP)
    assert Next("bring_in", job.pk) in found
    assert (job.state, job.problem, job.rows_added) == ("done", "", 1)
