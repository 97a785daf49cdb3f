"""Letters to workers for whom a slot was made alone, by which they get what they are owed: they would not look for it.

Written once the market offers it and lets them take it. At most once, as all messages: where it is not known whether
the market sent it, it is not sent again. A market writes to nobody but who worked for the account.
"""

import logging
from uuid import UUID

from django.utils.translation import gettext as _

from apps.channels import discovery, queries
from apps.channels import services as channels
from apps.channels.base import ChannelBusy, ChannelUnknown
from apps.channels.models import Publication
from apps.core import clock, money
from apps.payments.models import Obligation
from apps.pipeline import market_losses, market_verdicts
from apps.pipeline.market_people import LONGEST_SUBJECT, LONGEST_TEXT
from apps.pipeline.motor import Next
from apps.pipeline.questions import Question

log = logging.getLogger(__name__)
POINT_OUT = Question("point_out", queries.to_point_out)
LONGEST_REASON = 2000  # so that where it is stands in the letter, too


def point_out(publication_id: UUID) -> list[Next]:
    """Tell a worker where the slot is that was made for them alone, and what for."""
    row = Publication.objects.select_related("campaign__organization").get(pk=publication_id)
    may_be_taken = row.state == Publication.State.LIVE and row.expires_at > clock.now() and not row.claims.exists()
    if not may_be_taken or market_verdicts.is_paid_otherwise(row):
        channels.drop_letter(row)
        return []
    owed = Obligation.objects.select_related("worker", "campaign").get(pk=market_verdicts.owed_by(row))
    subject, text = _letter(row, owed)
    letter = channels.plan_letter(row, worker=owed.worker.external_id, subject=subject, text=text)
    market = discovery.of(row.channel)
    if not row.is_at(market.environment):
        channels.try_later(letter, problem=market_losses.elsewhere(row, market))
        return []
    try:
        failed = channels.send_message(letter, channel=market)
    except channels.MaybeSent:
        return []
    except (ChannelBusy, ChannelUnknown) as error:
        log.warning("who may take %s was not written to, as far as we know: %s", row, error)
    else:
        for why in failed.values():
            log.warning("who may take %s was not written to: %s", row, why)
    return []


def _letter(row: Publication, owed: Obligation) -> tuple[str, str]:
    """Return subject and text: in English, as the slot's own title is."""
    title = channels.title_of(row)
    values = {
        "amount": money.show(owed.amount, owed.currency), "title": title, "name": row.name,
        "until": f"{row.expires_at:%Y-%m-%d %H:%M} UTC",
    }  # fmt: skip
    lines = [
        _("You are owed %(amount)s.") % values,
        *([_("It is for your work on: %(campaign)s") % {"campaign": owed.campaign.name}] if owed.campaign else []),
        *([_("Why: %(reason)s") % {"reason": owed.reason[:LONGEST_REASON]}] if owed.reason else []),
        "",
        _("A HIT was made to pay it, which you alone can see and take: %(title)s") % values,
        _("Search for that title where you look for HITs. Its id is %(name)s.") % values,
        _("Accept it and hand it in till %(until)s: there is nothing to do in it, and you are paid.") % values,
    ]
    return title[:LONGEST_SUBJECT], "\n".join(lines)[:LONGEST_TEXT]
