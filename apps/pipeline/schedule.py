"""The table of what is done by the clock: `Entry("sweep", 30, ...)`, one line each."""

import logging
from functools import partial

from django.conf import settings

from apps.core import rates
from apps.hitevents import services as hitevents
from apps.members import services as members
from apps.notices import mailing
from apps.notices import services as notices
from apps.payments import services as payments
from apps.pipeline import (
    actors,
    backups,
    flow,
    held_money,
    market_mail,
    market_people,
    market_purses,
    operations,
    telling,
    uploads,
)
from apps.pipeline.motor import Next
from apps.pipeline.outstanding import outstanding
from apps.pipeline.scheduler import Entry
from apps.workforce import linking
from labelcrowd import broker

log = logging.getLogger(__name__)


def sweep() -> int:
    """Send again what is due and does not move."""
    return actors.sweep(outstanding())


def alarm() -> int:
    """Log an error when messages were taken long ago and never done; return how many."""
    count = broker.stuck()
    if count:
        log.error("%d messages were taken over %s ago and never done: a worker hangs", count, broker.STUCK_AFTER)
    return count


def tell_of_payouts() -> int:
    """Announce the payouts that ended, to the webhooks that want to know; return how many notices that made."""
    made = notices.announce_payouts()
    actors.send(Next("deliver", pk) for pk in made)
    return len(made)


def tell_of_hits() -> int:
    """Note what happened to HITs since, for those who listen, and have it sent; return how many messages that made."""
    made = hitevents.note_untold()
    actors.send(Next("tell_of_hit", pk) for pk in made)
    return len(made)


def tell_what_waits() -> int:
    """Write to each organization's reviewers what waits for them; return how many mails that made."""
    made = telling.of_what_waits()
    actors.send(made)
    return len(made)


def tell_of_sign_offs() -> int:
    """Write to who may agree to what began to wait for a second person; return how many mails that made."""
    made = market_mail.of_what_waits()
    actors.send(made)
    return len(made)


def tell_of_refused_offers() -> int:
    """Write to who makes campaigns which of them a market's refusal halts; return how many mails that made."""
    made = market_mail.of_refused_offers()
    actors.send(made)
    return len(made)


def forget() -> int:
    """Remove what is kept no longer: answers to repeats, files, full buckets, traces of workers, names of the erased,
    where they were paid, notices and mails.
    """
    gone = members.forget_answers() + operations.clear() + uploads.clear() + rates.sweep()
    gone += payments.forget_payees() + payments.forget_where_paid()
    return gone + linking.forget_old() + notices.forget_old() + mailing.forget_old()


ENTRIES: tuple[Entry, ...] = (
    Entry("sweep", 30, sweep),
    Entry("alarm", 300, alarm),
    Entry("tell of payouts", 60, tell_of_payouts),
    Entry("tell of HITs", 10, tell_of_hits),
    Entry("forget", 3600, forget),
    Entry("go on removing", 3600, flow.go_on_removing),
    Entry("hear markets", 20, market_people.hear),
    Entry("follow stops", 60, market_people.follow_stops),
    Entry("welcome back", 60, market_people.welcome_back),
    Entry("look into purses", 600, market_purses.look_into_purses),
    Entry("tell what waits", 86_400, tell_what_waits),
    Entry("tell of sign-offs", 60, tell_of_sign_offs),
    Entry("tell of refused offers", 300, tell_of_refused_offers),
    Entry("recount what is held", 86_400, held_money.recount),
)
if settings.BACKUP_FOLDER is not None:
    ENTRIES += (Entry("backup", int(settings.BACKUP_HOURS * 3600), partial(backups.start, settings.BACKUP_FOLDER)),)
