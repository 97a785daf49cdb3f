"""An organization in which everything has happened once, and where each address of the API leads in it."""

import re
from typing import Any

from django.urls import URLPattern, get_resolver

from apps.api.urls import urlpatterns
from apps.channels.models import Publication
from apps.core import clock
from apps.members.models import Role
from apps.pipeline import flow, operations
from apps.pipeline.models import Operation
from apps.quality import services as quality
from apps.quality.models import AuditedTask, Review
from tests.console.house import House, house
from tests.factories import member
from tests.running import handed_in, worker_of

assert get_resolver().url_patterns


def rooms() -> tuple[House, dict[str, Any]]:
    """Return a house, and what stands for each parameter of an address in it."""
    mine = house()
    campaign, rows = mine.campaign, mine.rows
    page = handed_in(campaign, worker_of(campaign))
    review = quality.review(page)
    flow.decide(review, verdict=Review.Verdict.REJECT, reason="at random", by=member(mine.organization, Role.REVIEWER))
    dispute = quality.dispute(page, worker=page.worker, text="I looked closely")
    audited = AuditedTask.objects.create(
        audit=rows["quality.Audit"], task=campaign.tasks.last(), band=0, answer={"choice": "cat"}, confidence=0.5
    )
    operation = Operation.objects.create(
        organization=mine.organization, verb="export_labels", subject=campaign.key, result={"file": "labels.csv"}
    )
    dropped = Publication.objects.create(  # of one that is offered, the market itself would be asked
        campaign=campaign, channel="mturk", state="dropped", asked=1, reward=10, fee=2, lease_seconds=600,
        expires_at=clock.now(),
    )  # fmt: skip
    (operations.folder_of(operation) / "labels.csv").write_text("task,label\n1,cat\n")
    return mine, {
        "endpoint_id": rows["notices.Endpoint"].pk,
        "notice_id": rows["notices.Notice"].pk,
        "task_id": campaign.tasks.first().pk,
        "dataset_id": campaign.dataset_id,
        "item_id": rows["datasets.Item"].pk,
        "import_id": rows["datasets.Import"].pk,
        "campaign_id": campaign.pk,
        "assignment_id": page.pk,
        "review_id": rows["quality.Review"].pk,
        "dispute_id": dispute.pk,
        "worker_id": rows["workforce.Worker"].pk,
        "qualification_id": rows["workforce.Qualification"].pk,
        "restriction_id": rows["workforce.Restriction"].pk,
        "link_id": rows["workforce.Link"].pk,
        "batch_id": rows["payments.PayoutBatch"].pk,
        "payout_id": rows["payments.Payout"].pk,
        "operation_id": operation.pk,
        "membership_id": rows["members.Membership"].pk,
        "token_id": rows["members.Token"].pk,
        "key_id": rows["turkapi.AccessKey"].pk,
        "invitation_id": rows["workforce.Invitation"].pk,
        "gold_id": rows["campaigns.GoldQuestion"].pk,
        "audit_id": audited.audit_id,
        "audited_id": audited.pk,
        "group_id": rows["workforce.Group"].pk,
        "entry_id": rows["ledger.Entry"].pk,
        "policy_id": rows["campaigns.PayPolicy"].pk,
        "limit_id": rows["quality.RejectionPolicy"].pk,
        "step_id": rows["pipeline.Delivery"].pk,
        "publication_id": dropped.pk,
        "claim_id": rows["channels.Claim"].pk,
        "reconciliation_id": rows["channels.Reconciliation"].pk,
        "obligation_id": rows["payments.Obligation"].pk,
        "signoff_id": rows["payments.SignOff"].pk,
        "month": "2026-01",
        "year": 2026,
    }


def routes() -> dict[str, URLPattern]:
    """Return every address of the API by its name."""
    return {pattern.name: pattern for pattern in urlpatterns}


def methods(pattern: URLPattern) -> list[str]:
    """Return what can be done at an address."""
    view = pattern.callback.view_class
    return [name.upper() for name in ("get", "post", "put", "patch", "delete") if hasattr(view, name)]


def address(pattern: URLPattern, found: dict[str, Any]) -> str:
    """Return where an address leads in this organization."""
    text = str(pattern.pattern)
    for name in pattern.pattern.converters:
        text = re.sub(rf"<\w+:{name}>", str(found[name]), text)
    return f"/api/v1/{text}"
