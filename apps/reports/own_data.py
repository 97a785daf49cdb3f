"""Everything that is held about a person, for that person: as JSON, written while it is read."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import QuerySet

from apps.campaigns.models import Campaign, Contest
from apps.members.models import Consent, Trail, User
from apps.payments.models import Obligation, Payout, PayoutMethod
from apps.quality.models import Dispute, Review
from apps.work.models import Assignment, Judgment, Place
from apps.workforce import queries as workforce
from apps.workforce.models import Invitation, Qualification, Restriction, Skill, Trace, Worker

ROWS_AT_ONCE = 1000
OVER = (Campaign.State.STOPPED, Campaign.State.COMPLETED)


def parts(user: User) -> Iterator[str]:
    """Yield the text of one JSON object, a piece at a time: names of what is held, each with its rows."""
    workers = list(workforce.identities(user).values_list("pk", flat=True))
    yield "{\n" + f'"account": {_json(_account(user))}'
    for name, rows in _tables(user, workers):
        yield f',\n"{name}": ['
        yield from _joined(rows)
        yield "]"
    yield "\n}\n"


def _account(user: User) -> dict[str, Any]:
    names = ("email", "name", "language", "time_zone", "joined_at", "last_login", "erasure_asked_at")
    return {name: getattr(user, name) for name in names}


def _tables(user: User, workers: list[Any]) -> Iterator[tuple[str, "QuerySet[Any, Any]"]]:
    """Yield what is held, each with its rows, oldest first."""
    of = {"worker__in": workers}
    page = {"assignment__worker__in": workers}
    # What rests on known answers tells them while questions are still asked: it is given once a campaign is over.
    over = list(Campaign.objects.filter(state__in=OVER, assignments__worker__in=workers).values_list("pk", flat=True))
    identities = Worker.objects.filter(pk__in=workers).order_by("created_at")
    yield (
        "worker",
        identities.values("id", "organization__name", "channel", "external_id", "name", "languages", "created_at"),
    )
    yield "groups", identities.filter(groups__isnull=False).values("id", "groups__name")
    yield "invitations", Invitation.objects.filter(**of).values("email", "created_at", "sent_at", "languages")
    yield (
        "consents",
        Consent.objects.filter(user=user).order_by("pk").values("terms__organization__name", "terms__version", "at"),
    )
    yield "qualifications", Qualification.objects.filter(**of).values("name", "value", "granted_at")
    yield (
        "skills",
        Skill.objects.filter(scope__in=[Campaign.key_of(pk) for pk in over], **of).values(
            "scope", "mean", "low", "high", "gold_right", "gold_answers", "agreed", "compared", "estimated_at"
        ),
    )
    yield "traces", Trace.objects.filter(**of).values("kind", "digest", "seen_at")
    yield "restrictions", Restriction.objects.filter(**of).values("scope", "reason", "starts_at", "ends_at")
    yield "pages", Assignment.objects.filter(**of).order_by("pk").values(
        "id", "campaign__name", "state", "leased_at", "shown_at", "submitted_at", "active_seconds", "signs",
        "decided_at", "pay", "currency",
    )  # fmt: skip
    yield "questions", Place.objects.filter(**of).order_by("pk").values("assignment_id", "position", "state", "note")
    yield (
        "answers",
        Judgment.objects.filter(**of)
        .order_by("pk")
        .values("place__assignment_id", "place__position", "answer", "seconds", "guidelines", "created_at"),
    )
    yield (
        "verdicts",
        Review.objects.filter(**page)
        .exclude(verdict="")
        .order_by("pk")
        .values("assignment_id", "verdict", "reason", "decided_at"),
    )
    yield (
        "grounds",
        Review.objects.filter(assignment__campaign__in=over, **page)
        .exclude(verdict="")
        .order_by("pk")
        .values("assignment_id", "proposal", "grounds"),
    )
    yield (
        "disputes",
        Dispute.objects.filter(**page)
        .order_by("pk")
        .values("assignment_id", "text", "opened_at", "decide_by", "outcome", "reason", "decided_at"),
    )
    yield "contests", Contest.objects.filter(**of).values("text", "created_at")
    yield (
        "earnings",
        Obligation.objects.filter(**of)
        .order_by("pk")
        .values("kind", "assignment_id", "campaign__name", "amount", "currency", "reason", "owed_at", "payout_id"),
    )
    yield (
        "payments",
        Payout.objects.filter(**of)
        .order_by("batch__created_at", "pk")
        .values("id", "amount", "currency", "state", "method", "receipt", "sent_at", "executed_on"),
    )
    yield "payout_methods", PayoutMethod.objects.filter(**of).values("method", "shown", "set_at")
    subjects = [f"worker:{worker}" for worker in workers]
    yield (
        "decisions",
        Trail.objects.filter(subject__in=subjects).order_by("pk").values("verb", "subject", "reason", "data", "at"),
    )
    yield "own_decisions", Trail.objects.filter(actor=user).order_by("pk").values("verb", "subject", "reason", "at")


def _joined(rows: "QuerySet[Any, Any]") -> Iterator[str]:
    between = "\n"
    found: Iterable[dict[str, Any]] = rows.iterator(chunk_size=ROWS_AT_ONCE)
    for row in found:
        yield between + _json(row)
        between = ",\n"


def _json(value: Any) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)
