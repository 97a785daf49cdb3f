"""Telling machines what happened: written down in the transaction of what happened, sent later, again if need be."""

import json
import time
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.core import clock, outbound, rates, vault
from apps.core.states import IllegalMove
from apps.members import trail
from apps.members.models import Organization, User
from apps.notices import queries, signing
from apps.notices.models import Attempt, Endpoint, Event, Notice

# After the first, second, ... try that failed: for about a day, as Standard Webhooks recommends.
WAITS = tuple(timedelta(seconds=seconds) for seconds in (5, 60, 300, 1800, 7200, 18_000, 36_000, 36_000))
# What has been due for so long at an endpoint that does not answer is given up, tried or not.
TOO_LATE = sum(WAITS, timedelta())
# How long the secret before the present one signs too, so that receivers can change over.
BOTH_SIGN = timedelta(days=1)
MOST_BEFORE = 5  # secrets that sign beside the present one
SECONDS = 15.0  # that an answer may take
# How long an operator can look up what was told; longer than anything is told late (`queries.TOLD_LATE`), else it would
# be told again.
KEPT = timedelta(days=30)
FORGOTTEN_AT_ONCE = 10_000
GONE = 410  # by which a receiver says that it wants to be told no more
BUSY = 429
FAULTS = 500


class BadEndpoint(ValueError):
    """An endpoint can't be like that; the text says why."""


@transaction.atomic
def add_endpoint(
    organization: Organization, *, url: str, events: Iterable[str], by: User | None = None
) -> tuple[Endpoint, str]:
    """Have an address told of these events; return the endpoint and its secret, which nobody can look up again.

    Raises `BadEndpoint` for events that there are not, and for an address where no request may go.
    """
    wanted = _check(url, events)
    secret = signing.new_secret()
    endpoint = Endpoint.objects.create(
        organization=organization, url=url, events=wanted, sealed=vault.seal(secret), created_by=by
    )
    _record(endpoint, "add webhook", by, url=url, events=wanted)
    return endpoint, secret


@transaction.atomic
def change_endpoint(
    endpoint: Endpoint, *, url: str | None = None, events: Iterable[str] | None = None, by: User | None = None
) -> Endpoint:
    """Change where and of what is told, as far as it is given; and tell again at once, if it was disabled or rested."""
    url = endpoint.url if url is None else url
    wanted = _check(url, endpoint.events if events is None else events)
    if endpoint.disabled_at is not None:
        waiting = Notice.objects.filter(endpoint=endpoint, state=Notice.State.WAITING)
        waiting.filter(due_at__lt=clock.now()).update(due_at=clock.now())
    Endpoint.objects.filter(pk=endpoint.pk).update(
        url=url, events=wanted, disabled_at=None, failures=0, rests_until=None
    )
    _record(endpoint, "change webhook", by, url=url, events=wanted)
    endpoint.refresh_from_db()
    return endpoint


@transaction.atomic
def rotate(endpoint: Endpoint, *, by: User | None = None) -> str:
    """Give an endpoint a new secret and return it; each one before it signs too for a day.

    Raises `BadEndpoint` where more would sign than a receiver should have to look at.
    """
    row = Endpoint.objects.select_for_update(no_key=True).get(pk=endpoint.pk)
    secret, until = signing.new_secret(), clock.now() + BOTH_SIGN
    before = [(until, row.sealed), *_before(row)]
    if len(before) > MOST_BEFORE:
        free = f"{before[-1][0]:%Y-%m-%d %H:%M} UTC"
        raise BadEndpoint(f"{MOST_BEFORE} secrets sign beside the present one, the most there may be, until {free}")
    lines = [f"{end.isoformat()} {sealed}" for end, sealed in before]
    Endpoint.objects.filter(pk=row.pk).update(
        sealed=vault.seal(secret), sealed_before="\n".join(lines), before_until=until
    )
    _record(row, "rotate webhook secret", by)
    return secret


@transaction.atomic
def disable(endpoint: Endpoint, *, reason: str = "", by: User | None = None) -> None:
    """Tell an endpoint no more. What waits stays, and is sent when it is changed and so enabled. Run twice: once."""
    if Endpoint.objects.filter(pk=endpoint.pk, disabled_at=None).update(disabled_at=clock.now()):
        _record(endpoint, "disable webhook", by, reason=reason)


def announce(organization: UUID, *, event: Event, key: str, data: Mapping[str, Any]) -> list[UUID]:
    """Write down what is to be told of an event, in the transaction of what happened; return the new notices' ids.

    `key` names the event, as in "campaign:…:paused": announced twice, it is told once. Costs one query where nobody
    listens.
    """
    return announce_each(organization, event=event, told={key: data})


def announce_each(organization: UUID, *, event: Event, told: Mapping[str, Mapping[str, Any]]) -> list[UUID]:
    """Announce many events of one name at once, each by its key."""
    now = clock.now()
    made = [
        Notice(endpoint=endpoint, event=event, key=key, body=_body(event, now, data), due_at=now)
        for endpoint in queries.listening(organization, event=event)
        for key, data in told.items()
    ]
    if not made:
        return []
    Notice.objects.bulk_create(made, ignore_conflicts=True)
    return list(Notice.objects.filter(pk__in=[notice.pk for notice in made]).values_list("pk", flat=True))


def _body(event: Event, at: datetime, data: Mapping[str, Any]) -> str:
    return json.dumps({"type": str(event), "timestamp": at.isoformat(), "data": dict(data)}, separators=(",", ":"))


def announce_payouts() -> list[UUID]:
    """Tell of the payouts that ended, as their rows say, to those who were not told yet; return the notices' ids."""
    made = []
    for endpoint in Endpoint.objects.filter(disabled_at=None, events__overlap=list(queries.PAYOUT_EVENTS)):
        for event in (event for event in queries.PAYOUT_EVENTS if event in endpoint.events):
            for payout in queries.untold_payouts(endpoint, event=event)[:1000]:
                data = {
                    "payout": str(payout.pk), "batch": str(payout.batch_id), "worker": str(payout.worker_id),
                    "amount": payout.amount, "currency": payout.currency, "state": payout.state,
                }  # fmt: skip
                key = f"payout:{payout.pk}:{payout.state}"
                made += announce(endpoint.organization_id, event=event, key=key, data=data)
    return made


def deliver(notice_id: UUID) -> bool:
    """Send a notice if it is due, and note what came of it; return whether it was tried.

    The intent is committed before anything is sent. A receiver may get it twice, if our process dies before the answer
    is noted: `webhook-id` tells. One that does not answer rests: nothing else is sent there for a while.
    """
    notice = queries.due(clock.now()).filter(pk=notice_id).select_related("endpoint").first()
    if notice is None:
        return False
    endpoint = notice.endpoint
    wait = WAITS[min(notice.tries, len(WAITS) - 1)]
    notice.move(Notice.State.WAITING, tries=notice.tries + 1, due_at=clock.now() + wait)
    began = time.monotonic()
    try:
        status, problem = _post(notice)
    except rates.TooMany as full:
        notice.move(Notice.State.WAITING, tries=notice.tries - 1, due_at=clock.from_now(seconds=full.wait))
        return False
    with transaction.atomic():
        seconds = round(time.monotonic() - began, 3)
        Attempt.objects.create(notice=notice, status=status, problem=problem, seconds=seconds)
        if not problem:
            notice.move(Notice.State.SENT, sent_at=clock.now())
        elif notice.tries >= len(WAITS):
            notice.move(Notice.State.FAILED)
        if status == GONE:
            disable(endpoint, reason="it answered 410: gone")
        _note_call(endpoint, failed=status is None or status == BUSY or status >= FAULTS)
    return True


def _note_call(endpoint: Endpoint, *, failed: bool) -> None:
    endpoint.note_call(failed=failed)
    if failed:
        waiting = Notice.objects.filter(endpoint=endpoint, state=Notice.State.WAITING)
        Notice.move_all(waiting.filter(due_at__lt=clock.now() - TOO_LATE), Notice.State.FAILED)


@transaction.atomic
def replay(notice: Notice, *, by: User | None = None) -> Notice:
    """Send a notice again, with the id it had; as often as a new one, if need be.

    Raises `IllegalMove` where its webhook is disabled: nothing would be sent.
    """
    if Endpoint.objects.filter(pk=notice.endpoint_id, disabled_at__isnull=False).exists():
        raise IllegalMove(
            f"the webhook {notice.endpoint.url} is disabled: enable it by changing it, then replay",
            field="webhook", found="disabled", wanted="enabled",
        )  # fmt: skip
    Notice.objects.filter(pk=notice.pk).update(state=Notice.State.WAITING, tries=0, due_at=clock.now(), sent_at=None)
    Endpoint.objects.filter(pk=notice.endpoint_id).update(rests_until=None)  # who asks for it now knows more than we
    _record(notice.endpoint, "replay webhook", by, notice=str(notice.pk))
    notice.refresh_from_db()
    return notice


def forget_old() -> int:
    """Forget what was told, or given up, long ago, and the tries; return how many rows those were."""
    ended = Notice.objects.filter(state__in=[Notice.State.SENT, Notice.State.FAILED], due_at__lt=clock.now() - KEPT)
    return Notice.objects.filter(pk__in=list(ended.values_list("pk", flat=True)[:FORGOTTEN_AT_ONCE])).delete()[0]


def _post(notice: Notice) -> tuple[int | None, str]:
    """Return the answer's status, and why it was no success, "" if it was one."""
    body = notice.body.encode()
    identity, now = f"msg_{notice.pk.hex}", int(clock.now().timestamp())
    headers = {
        "Content-Type": "application/json",
        "webhook-id": identity,
        "webhook-timestamp": str(now),
        "webhook-signature": signing.signature(_secrets(notice.endpoint), id=identity, timestamp=now, body=body),
    }
    try:
        answer = outbound.send(
            "POST", notice.endpoint.url, whose=notice.endpoint.organization_id, body=body, headers=headers,
            seconds=SECONDS,
        )  # fmt: skip
    except (outbound.NotAllowed, outbound.Failed, vault.Unreadable) as error:
        return None, str(error)
    return answer.status, "" if answer.is_success else f"it answered {answer.status}, it should answer 200 to 299"


def _secrets(endpoint: Endpoint) -> list[str]:
    """Return the secrets that sign now, the present one first."""
    return [vault.open_sealed(each) for each in (endpoint.sealed, *(sealed for _, sealed in _before(endpoint)))]


def _before(endpoint: Endpoint) -> list[tuple[datetime, str]]:
    """Return the sealed secrets before the present one that sign still, each with its end, the newest first."""
    found = []
    for line in endpoint.sealed_before.splitlines():
        end, _, sealed = line.rpartition(" ")
        # Of one alone the version before this wrote no end beside it.
        until = datetime.fromisoformat(end) if end else endpoint.before_until
        if until is not None and until > clock.now():
            found.append((until, sealed))
    return found


def _check(url: str, events: Iterable[str]) -> list[str]:
    wanted = sorted(set(events))
    if not wanted or not set(wanted) <= set(Event.values):
        raise BadEndpoint(f"the events are {wanted}, they should be some of {sorted(Event.values)}")
    if len(url) > 500:
        raise BadEndpoint(f"the address has {len(url)} characters, 500 are the most there may be")
    try:
        outbound.check_url(url)
    except outbound.NotAllowed as error:
        raise BadEndpoint(str(error)) from None
    return wanted


def _record(endpoint: Endpoint, verb: str, by: User | None, *, reason: str = "", **data: Any) -> None:
    of = endpoint.organization
    trail.record(of, verb=verb, subject=f"endpoint:{endpoint.pk}", actor=by, reason=reason, **data)
