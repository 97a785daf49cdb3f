"""What people and machines start: one domain call, then what follows from it, sent after commit."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.campaigns import services as campaigns
from apps.campaigns.models import Campaign
from apps.campaigns.spec import Gold
from apps.channels import services as channels
from apps.core import clock, rates
from apps.core.states import IllegalMove
from apps.datasets import holding
from apps.datasets import services as datasets
from apps.datasets.models import Dataset, Import
from apps.members import accounts, trail
from apps.members.models import Organization, User
from apps.notices import services as notices
from apps.notices.models import Event, Notice
from apps.payments import services as payments
from apps.payments.models import PayoutBatch
from apps.pipeline import actors, announcing, due, hints, people, preflight, removing, uploads
from apps.pipeline.models import Delivery, Operation
from apps.pipeline.motor import Next
from apps.quality import services as quality
from apps.quality.models import Adjudication, Dispute, Review
from apps.reports.payments import paying
from apps.work import services as work
from apps.work.models import Assignment, Task
from apps.workforce import inviting
from apps.workforce.models import OUTSIDE, Invitation, Worker

STOPPABLE = (Campaign.State.LAUNCHING, Campaign.State.RUNNING, Campaign.State.PAUSED)


def launch(campaign: Campaign, *, by: User | None = None) -> Campaign:
    """Fund and start a draft; raises `preflight.NotReady` with every reason why not, and changes nothing.

    What is checked is what is launched: a revision waits meanwhile, or was before. `IllegalMove` if it is no draft.
    Others are asked before: an outside market for the money for all of it, the store of media for some of its files.
    """
    ask_for_launch(campaign)
    return launch_asked(campaign, by=by)


def ask_for_launch(campaign: Campaign) -> None:
    """Raise `preflight.NotReady` where others tell what blocks a launch; call it outside transactions."""
    if campaign.state == Campaign.State.DRAFT:
        preflight.require_outside(campaign)


@transaction.atomic
def launch_asked(campaign: Campaign, *, by: User | None = None) -> Campaign:
    """Launch after `ask_for_launch`; asks nobody."""
    campaigns.lock(campaign)
    if campaign.state == Campaign.State.DRAFT:
        preflight.require(campaign)
    campaigns.launch(campaign, by=by)
    actors.send([Next("split", campaign.pk), *announcing.campaign(campaign, Event.CAMPAIGN_LAUNCHED)])
    return campaign


@transaction.atomic
def pause(campaign: Campaign, *, by: User | None = None) -> Campaign:
    """Hand out no new pages."""
    campaigns.pause(campaign, by=by)
    actors.send([
        Next("publish", campaign.pk), *announcing.campaign(campaign, Event.CAMPAIGN_PAUSED, once=f"{clock.now()}"),
    ])  # fmt: skip
    return campaign


@transaction.atomic
def resume(campaign: Campaign, *, by: User | None = None) -> Campaign:
    """Hand out pages again; of one that paused after its pilot, pages of all items."""
    campaigns.resume(campaign, by=by)
    actors.send([
        Next("publish", campaign.pk), *announcing.campaign(campaign, Event.CAMPAIGN_RESUMED, once=f"{clock.now()}"),
    ])  # fmt: skip
    if due.has_done_pilot(campaign):
        campaigns.pass_pilot(campaign, by=by)
        actors.send([Next("split", campaign.pk)])
    return campaign


@transaction.atomic
def change_terms(campaign: Campaign, *, redundancy: int, price: int, by: User | None = None) -> Campaign:
    """Change what each item gets and what a page pays from now on; raise `NotReady` where the budget is too small.

    Raises `IllegalMove` for a campaign that is not under way, and `BadAmount`. Run twice, it changes once.
    """
    campaigns.lock(campaign)
    before = campaign.redundancy
    if campaigns.change_terms(campaign, redundancy=redundancy, price=price, by=by):
        work.want(campaign, before=before)
        quality.count_change(campaign)
        preflight.require_rest(campaign)
        actors.send([Next("finish", campaign.pk)])
    return campaign


@transaction.atomic
def change_suggestions(campaign: Campaign, *, by: User | None = None, **asked: Any) -> Campaign:
    """As `campaigns.change_suggestions`; raise `NotReady` where what is asked would tell what is gold."""
    campaigns.lock(campaign)
    saw_before = campaign.suggested_to == Campaign.SuggestedTo.WORKERS
    if campaigns.change_suggestions(campaign, by=by, **asked) and not saw_before:
        work.lock_split(campaign)  # what is made of the next items is looked at too, or made by the new rule
        preflight.require_suggestions(campaign)
    return campaign


@transaction.atomic
def ask_anew(campaign: Campaign, *, by: User | None = None) -> int:
    """Have items asked anew that were answered by older guidelines; return how many answers count no longer.

    Raises `NotReady` where the budget is too small, and `IllegalMove` as `campaigns.ask_anew` does. Twice does it once.
    """
    answers = work.ask_anew(campaign, guidelines=campaigns.ask_anew(campaign, by=by))
    if answers:
        quality.count_change(campaign)
        preflight.require_rest(campaign)
        actors.send([Next("combine", campaign.pk), Next("publish", campaign.pk)])
    return answers


@transaction.atomic
def change_method(campaign: Campaign, *, method: str, by: User | None = None) -> Campaign:
    """Combine a campaign's answers otherwise, also after its end: all of its labels are made anew."""
    if campaigns.change_method(campaign, method=method, by=by):
        quality.count_change(campaign)
        actors.send([Next("combine", campaign.pk)])
    return campaign


@transaction.atomic
def put_back(task: Task, *, by: User) -> bool:
    """Offer a task again that was reported as broken; return whether it was."""
    return work.put_back(task, by=by)


@transaction.atomic
def stop(campaign: Campaign, *, by: User | None = None) -> Campaign:
    """End a campaign as soon as the pages in hand are settled."""
    campaigns.stop(campaign, by=by)
    actors.send([
        Next("publish", campaign.pk), Next("finish", campaign.pk),
        *announcing.campaign(campaign, Event.CAMPAIGN_STOPPED),
    ])  # fmt: skip
    return campaign


@transaction.atomic
def stop_outside(campaign: Campaign, *, by: User | None = None) -> Campaign:
    """End a campaign on an outside market: its offers are taken off, what was handed in is settled, all is cleaned up.

    May be asked for again, also after its end: whatever is still open there is looked at at once. Raises `IllegalMove`
    for one that is offered at none.
    """
    if campaign.channel not in OUTSIDE or campaign.state == Campaign.State.DRAFT:
        raise IllegalMove(
            f"campaign {campaign} is offered at no outside market",
            field="campaign.channel" if campaign.channel not in OUTSIDE else "campaign.state",
            found=campaign.channel if campaign.channel not in OUTSIDE else campaign.state,
            wanted=sorted(OUTSIDE) if campaign.channel not in OUTSIDE else "launched",
        )  # fmt: skip
    campaigns.lock(campaign)
    if campaign.state in STOPPABLE:
        stop(campaign, by=by)
    actors.send([Next("publish", campaign.pk), *(Next("collect", pk) for pk in channels.hurry(campaign))])
    return campaign


@transaction.atomic
def top_up(campaign: Campaign, *, amount: int, reference: str, by: User | None = None) -> Campaign:
    """Add to a launched campaign's budget, once for a reference; a completed one with new items opens again.

    Raises as `campaigns.services.top_up` does, and `IllegalMove` for a completed one that has nothing left to do.
    """
    if not due.takes_money(campaign):
        raise IllegalMove(
            f"campaign {campaign} is completed and has nothing left to do: add items first",
            field="campaign.state", found=campaign.state, wanted="with items that are not labelled",
        )  # fmt: skip
    campaigns.top_up(campaign, amount=amount, reference=reference, by=by)
    actors.send([Next("split", campaign.pk)])
    return campaign


@transaction.atomic
def add_gold(campaign: Campaign, *, rows: Iterable[Gold]) -> int:
    """Add questions with known answers, also while the campaign runs; return how many are new."""
    added = campaigns.add_gold(campaign, rows=rows)
    quality.count_change(campaign)
    actors.send([Next("split", campaign.pk), Next("combine", campaign.pk)])
    return added


@transaction.atomic
def bring_in(dataset: Dataset, *, path: Path, by: User | None = None, **options: Any) -> Import:
    """Start an import that a worker carries out; raise `TooMuch` where there is no room for it, and `Gone`."""
    if path.is_file():
        uploads.take_room(dataset.organization, path.stat().st_size)
    started = datasets.start_import(dataset, path=path, by=by, **options)
    actors.send([Next("bring_in", started.pk)])
    return started


@transaction.atomic
def remove_dataset(dataset: Dataset, *, by: User | None = None) -> Operation:
    """Have a dataset removed with its items, media and imports; return the operation that tells how far that is.

    Raises `CannotRemove` where a campaign uses it, or while it is being filled or others hold it, and `Gone`. Asked
    twice, it is one operation.
    """
    locked = holding.alone(dataset)
    removing.check(locked)
    if under_way := removing.under_way(locked.pk):
        return under_way
    subject = removing.subject(locked.pk)
    trail.record(locked.organization, verb="ask to remove dataset", subject=subject, actor=by, name=locked.name)
    return ask_for(locked.organization, verb=removing.VERB, subject=subject, asked={"dataset": str(locked.pk)}, by=by)


def go_on_removing() -> int:
    """Have datasets removed whose removal was given up, as where the store was away for long; return how many."""
    left = [each for each in removing.begun() if removing.under_way(each.pk) is None]
    for each in left:
        ask_for(
            each.organization, verb=removing.VERB, subject=removing.subject(each.pk), asked={"dataset": str(each.pk)}
        )
    return len(left)


def submit(
    assignment_id: UUID,
    *,
    worker: Worker,
    answers: Mapping[str, Mapping[str, Any]],
    active_seconds: float | None = None,
    signs: Mapping[str, int] | None = None,
) -> Assignment:
    """Hand in a page; see `work.services.submit`. One that may still be changed is left to the sweep."""
    return submit_by(assignment_id, worker=worker.pk, answers=answers, active_seconds=active_seconds, signs=signs)


def submit_by(assignment_id: UUID, *, answers: Mapping[str, Mapping[str, Any]], **who: Any) -> Assignment:
    """Hand in a page; see `work.services.submit_by`."""
    assignment = work.submit_by(assignment_id, answers=answers, **who)
    waits = assignment.state == Assignment.State.SUBMITTED and assignment.review_after is None
    if waits and (delay := hints.delay(assignment.campaign_id)) is not None:
        actors.send([Next("settle_all", assignment.campaign_id)], delay_seconds=delay)
    return assignment


@transaction.atomic
def change(assignment_id: UUID, *, worker: Worker, answers: Mapping[str, Mapping[str, Any]]) -> Assignment:
    """Change a page that was handed in; see `work.services.change`. What was combined from it is combined again."""
    changed = work.change(assignment_id, worker=worker, answers=answers)
    if changed.withdrawn:
        quality.count_change(changed.page.campaign)
    return changed.page


@transaction.atomic
def ask_for(
    organization: Organization,
    *,
    verb: str,
    subject: str,
    asked: Mapping[str, Any] | None = None,
    by: User | None = None,
) -> Operation:
    """Ask for long work, a verb of `operations.VERBS`, that a worker carries out; the operation says how far it is."""
    asked_for = Operation.objects.create(
        organization=organization, verb=verb, subject=subject, asked=dict(asked or {}), created_by=by
    )
    actors.send([Next("operate", asked_for.pk)])
    return asked_for


def invite(organization: Organization, *, email: str, by: User | None = None, **values: Any) -> Invitation:
    """Invite somebody to work for an organization, by mail; see `workforce.inviting.invite`.

    The link's page tells who has an account here, and its maker sees the link: so it counts as an enrolment does.
    """
    if by is not None:
        rates.ask("enrolment", str(organization.pk))
    with transaction.atomic():
        invitation = inviting.invite(organization, email=email, by=by, **values)
        actors.send([Next("invite", invitation.pk)])
    return invitation


def link_of(invitation: Invitation) -> str:
    """Return the address that the invited person opens, for who hands it over by themselves."""
    return people.link(invitation)


@transaction.atomic
def ask_for_erasure(user: User) -> None:
    """Have a person erased as soon as nothing is owed to them; the pages in their hands are given back now."""
    accounts.ask_for_erasure(user)
    for page in Assignment.objects.filter(worker__user=user, state=Assignment.State.LEASED).select_related("worker"):
        work.give_back(page.pk, worker=page.worker)
    actors.send([Next("erase", user.pk)])


@transaction.atomic
def make_file(batch: PayoutBatch, *, format_: str, by: User) -> int:
    """Begin all payouts that a bank's file can pay, and keep the file; return how many those were.

    Raises `paying.NotPayable`, and begins none then. Run twice, the first file stays.
    """
    paying.check_payable(batch, format_)
    begun = payments.begin_all(batch, by=by, only=paying.payable_by(format_), sent_in=format_)
    if begun:
        payments.keep_file(batch, format_=format_, content=paying.write_bank_file(batch, format_=format_))
    return begun


@transaction.atomic
def replay(notice: Notice, *, by: User | None = None) -> Notice:
    """Send a webhook's notice again."""
    again = notices.replay(notice, by=by)
    actors.send([Next("deliver", again.pk)])
    return again


def unpark(delivery: Delivery) -> None:
    """Try a parked delivery again from the beginning: a person has looked at it."""
    actors.unpark(delivery)


@transaction.atomic
def decide(review: Review, *, verdict: str, reason: str = "", by: User) -> Review:
    """Approve or reject a page as a person; what an approved one earns is owed in the same transaction.

    A rejection that a second person has to agree with comes back undecided, and nothing follows.
    """
    decided = quality.decide(review, verdict=verdict, reason=reason, by=by)
    if not decided.verdict:
        return decided
    page = decided.assignment
    approved = decided.verdict == Review.Verdict.APPROVE
    if approved:
        payments.owe(page)
    told = announcing.page(page, Event.ASSIGNMENT_APPROVED if approved else Event.ASSIGNMENT_REJECTED)
    actors.send([Next("combine", page.campaign_id), Next("finish", page.campaign_id), *told])
    return decided


def approve_soon(review: Review, *, by: User) -> Review:
    """Have a page approved in a moment, in which it can be taken back; the sweep carries it out."""
    return quality.approve_soon(review, by=by)


def take_back(review: Review, *, by: User) -> bool:
    """Take back a verdict that was asked for and has not taken effect; return whether there was one."""
    return quality.take_back(review, by=by)


@transaction.atomic
def adjudicate(task: Task, *, answer: Any, note: str = "", by: User) -> Adjudication:
    """Make an answer a task's label by a person's word; see `quality.adjudicate_task`."""
    said = quality.adjudicate_task(task, answer=answer, note=note, by=by)
    actors.send([Next("finish", task.campaign_id)])  # perhaps it was the last that was wanted
    return said


@transaction.atomic
def withdraw_adjudication(task: Task, *, by: User) -> bool:
    """Have a task's label combined again from its judgments; return whether a person had given it."""
    withdrawn = quality.withdraw_adjudication(task, by=by)
    if withdrawn:
        actors.send([Next("combine", task.campaign_id)])
    return withdrawn


@transaction.atomic
def decide_dispute(dispute: Dispute, *, outcome: str, reason: str, by: User) -> Dispute:
    """Decide a dispute as a second person; what an overturned page earns is owed in the same transaction."""
    decided = quality.decide_dispute(dispute, outcome=outcome, reason=reason, by=by)
    if decided.outcome == Dispute.Outcome.OVERTURNED:
        payments.owe(decided.assignment)
        actors.send(announcing.page(decided.assignment, Event.ASSIGNMENT_APPROVED))
    campaign = decided.assignment.campaign_id
    actors.send([Next("combine", campaign), Next("release", decided.assignment_id), Next("finish", campaign)])
    return decided
