"""What a person decided about an offer or a slot that its market and our books can't settle by themselves."""

from django.db import transaction

from apps.channels.models import Claim, Intent, Publication
from apps.channels.services import holding
from apps.channels.services.intents import accounted, comes_after, is_forgotten, is_on_the_wire, lock_like
from apps.channels.services.offering import end_unmade
from apps.core import clock

State = Intent.State


class NotListed(Exception):
    """A market's list accounts for all bonuses that are just like this one by others."""


def accepted(publication: Publication) -> None:
    """Note that a person took for settled what both sides have of an offer: it is looked at now."""
    now = clock.now()
    Publication.objects.filter(pk=publication.pk).update(accepted_at=now, due_at=now)


def doubt(publication: Publication) -> None:
    """Have an offer's payments compared anew, by a comparison that begins from now on."""
    Publication.objects.filter(pk=publication.pk).update(doubted_at=clock.now())


@transaction.atomic
def give_up(publication: Publication) -> bool:
    """Drop an offer of which nobody will know whether it was made; return whether it was one. It is never sent again.

    Should it be there after all, it is one that nothing here watches.
    """
    row = holding.lock(publication.pk)
    if row.state != Publication.State.PLANNED:
        return False
    _drop(row.channel, Intent.Verb.PUBLISH, row.key)
    end_unmade(row, Publication.State.DROPPED)
    return True


def lock_offer(publication: Publication) -> None:
    """Lock an offer until the transaction ends: of two decisions about its payments one sees the other."""
    holding.lock(publication.pk)


def lock_claim(claim: Claim) -> None:
    """Lock a slot, after its offer as all do, until the transaction ends: of two decisions one sees the other."""
    holding.lock(claim.publication_id)
    Claim.objects.select_for_update(no_key=True).get(pk=claim.pk)


@transaction.atomic
def pay_besides(claim: Claim, *, is_here: bool) -> bool:
    """Note that a slot's page is paid besides, as its market won't approve it: no approval is sent from here on.

    Of one that is under way at the present endpoint nothing is noted, and it returns False: it may be happening.
    """
    offer = holding.lock(claim.publication_id)
    row = Claim.objects.select_for_update(no_key=True).get(pk=claim.pk)
    keys = (f"claim:{row.pk}", f"claim:{row.pk}:override")
    approvals = Intent.objects.select_for_update(no_key=True).filter(
        channel=offer.channel, verb=Intent.Verb.APPROVE, key__in=keys
    )
    happening = (State.SENDING, State.DONE) if is_here else (State.DONE,)
    if any(intent.state in happening for intent in approvals):
        return False
    _drop(offer.channel, Intent.Verb.APPROVE, *keys)
    Claim.objects.filter(pk=row.pk).update(besides=True)
    return True


@transaction.atomic
def drop_bonus(channel: str, *, key: str, is_here: bool) -> bool:
    """Have a bonus that nobody knows to be paid never be sent again; return False where it was paid, or may be now.

    What was sent to the present endpoint is looked for before (`was_paid`): sent again since, it is not dropped.
    """
    rows = Intent.objects.select_for_update(no_key=True).filter(channel=channel, verb=Intent.Verb.PAY_BONUS, key=key)
    if any(row.state == State.DONE or (row.state == State.SENDING and _may_be_paid(row, is_here)) for row in rows):
        return False
    _drop(channel, Intent.Verb.PAY_BONUS, key)
    return True


def _may_be_paid(bonus: Intent, is_here: bool) -> bool:
    return is_on_the_wire(bonus) or (is_here and not is_forgotten(bonus))


@transaction.atomic
def note_paid(bonus: Intent, *, listed: int | None, booked: int) -> bool:
    """Note that a market paid a bonus, as somebody saw there; return False where it may be on its way now, or what its
    market lists may be another one just like it, which is asked first. Once.

    Of the `listed` ones that are just like it each is noted for one alone, `booked` by hand or ours: raises
    `NotListed`. None where the market can't say what it lists.
    """
    lock_like(bonus)
    row = Intent.objects.get(pk=bonus.pk)
    if row.state == State.DONE:
        return True
    if row.state == State.SENDING and is_on_the_wire(row):
        return False
    if listed is not None and comes_after(row):
        return False
    if listed is not None and listed <= accounted(row) + booked:
        raise NotListed
    return row.try_move(State.DONE, receipt=row.token, problem="")


def _drop(channel: str, verb: str, *keys: str) -> None:
    Intent.move_all(Intent.objects.filter(channel=channel, verb=verb, key__in=keys), State.DROPPED)
