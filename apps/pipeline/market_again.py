"""What is begun anew at a market as somebody asks for it: offers that it refused, and comparisons."""

from django.db import transaction

from apps.campaigns.models import Campaign
from apps.channels import services as channels
from apps.channels.models import Reconciliation
from apps.core import clock
from apps.members import trail
from apps.members.models import Organization, User
from apps.pipeline import actors, market_books, market_proof
from apps.pipeline.motor import Next


class TooSoon(Exception):
    """A long comparison has just ended, and nothing else would be asked; `wait` is how many seconds until the next."""

    def __init__(self, wait: float) -> None:
        super().__init__(
            f"the last comparison took long, and the market has other things to be asked: again in {wait:.0f} s"
        )
        self.wait = wait


@transaction.atomic
def offer_again(campaign: Campaign, *, by: User | None = None) -> int:
    """Make offers again after somebody has looked at what a market refused; return how many were refused."""
    forgiven = channels.forgive(campaign)
    trail.record(campaign.organization, verb="offer again", subject=campaign.key, actor=by, offers=forgiven)
    actors.send([Next("publish", campaign.pk)])
    return forgiven


@transaction.atomic
def compare(of: Organization, *, channel: str, by: User | None = None) -> tuple[Reconciliation, bool] | None:
    """Begin to compare a market's payments with ours; return that, or the one under way, and whether it is new.

    None where nothing is offered there. The belt goes on with it. Raises `TooSoon`: a market has its rest from all.
    """
    Organization.objects.select_for_update(no_key=True).get(pk=of.pk)  # of two who ask at once one begins it
    if not market_books.has_offers(of, channel):
        return None
    under_way = Reconciliation.objects.filter(organization=of, channel=channel, ended_at=None).first()
    if under_way is not None:
        return under_way, False
    wait = (market_proof.rested_at(of.pk, channel) - clock.now()).total_seconds()
    if wait > 0:
        raise TooSoon(wait)
    row = market_books.begin(of, channel)
    trail.record(of, verb="compare", subject=f"reconciliation:{row.pk}", actor=by, channel=channel)
    actors.send([Next("reconcile", of.pk)])
    return row, True
