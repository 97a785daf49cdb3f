"""What a person decided about an offer or a slot that its market and our books can't settle by themselves."""

from django.db import transaction

from apps.channels.models import Claim, Intent, Publication
from apps.channels.services import holding
from apps.channels.services.offering import end_unmade
from apps.core import clock

State = Intent.State


def accepted(publication: Publication) -> None:
    """Note that a person took for settled what both sides have of an offer: it is looked at now."""
    now = clock.now()
    Publication.objects.filter(pk=publication.pk).update(accepted_at=now, due_at=now)


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
    if row.settled or any(intent.state in happening for intent in approvals):
        return False
    _drop(offer.channel, Intent.Verb.APPROVE, *keys)
    Claim.objects.filter(pk=row.pk).update(besides=True)
    return True


def drop_bonus(channel: str, *, key: str) -> None:
    """Have a bonus that nobody knows to be paid never be sent again."""
    _drop(channel, Intent.Verb.PAY_BONUS, key)


def _drop(channel: str, verb: str, *keys: str) -> None:
    Intent.move_all(Intent.objects.filter(channel=channel, verb=verb, key__in=keys), State.DROPPED)
