"""Workers: blocked, and written to."""

from typing import Any

from django.db import transaction

from apps.core import clock
from apps.turkapi import names, paging, queries
from apps.turkapi.errors import BadValue
from apps.turkapi.services import messages
from apps.turkapi.signing import Caller
from apps.workforce import queries as workforce_queries
from apps.workforce import services as workforce
from apps.workforce.models import Restriction

Given = dict[str, Any]
MOST_WORKERS = 100
LONGEST_SUBJECT, LONGEST_TEXT = 200, 4096


@transaction.atomic
def block(caller: Caller, given: Given) -> Given:
    """Restrict a worker in the whole organization. Run twice, it restricts once."""
    worker = queries.worker(caller.organization, given["WorkerId"])
    if not given["Reason"].strip():
        raise BadValue("Reason is empty: the worker is told why")
    if not _in_force(worker).exists():
        workforce.restrict(worker, reason=given["Reason"], by=caller.user)
    return {}


@transaction.atomic
def unblock(caller: Caller, given: Given) -> Given:
    """Lift what keeps a worker out of the whole organization; of one who is not blocked, nothing changes."""
    for restriction in _in_force(queries.worker(caller.organization, given["WorkerId"])):
        workforce.lift(restriction, by=caller.user)
    return {}


def list_blocks(caller: Caller, given: Given) -> Given:
    now = clock.now()
    rows = Restriction.objects.filter(worker__organization=caller.organization, scope="", starts_at__lte=now)
    found, token = paging.page(rows.exclude(ends_at__lte=now), given, of=f"{caller.organization.pk} ListWorkerBlocks")
    blocks = [{"WorkerId": names.worker_id(row.worker_id), "Reason": row.reason} for row in found]
    return {"NumResults": len(found), "NextToken": token, "WorkerBlocks": blocks}


def notify(caller: Caller, given: Given) -> Given:
    """Write to workers whose work was seen; who can't be reached is told in the answer."""
    workers = given["WorkerIds"]
    if not 1 <= len(workers) <= MOST_WORKERS:
        raise BadValue(f"there are {len(workers)} WorkerIds; 1 to {MOST_WORKERS} are taken")
    if len(given["Subject"]) > LONGEST_SUBJECT or len(given["MessageText"]) > LONGEST_TEXT:
        raise BadValue(f"Subject has {LONGEST_SUBJECT} characters at most, MessageText {LONGEST_TEXT}")
    failed = messages.send(caller, workers=dict.fromkeys(workers), subject=given["Subject"], text=given["MessageText"])
    return {
        "NotifyWorkersFailureStatuses": [
            {"NotifyWorkersFailureCode": code, "NotifyWorkersFailureMessage": said, "WorkerId": worker}
            for worker, (code, said) in failed.items()
        ]
    }


def _in_force(worker: Any) -> Any:
    return workforce_queries.restrictions_in_force(worker, scope="").filter(scope="")
