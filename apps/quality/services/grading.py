"""Grading who has come to the end of a training or test."""

from django.db import transaction

from apps.members import trail
from apps.quality.lessons import Result, result
from apps.work.models import Assignment
from apps.workforce import services as workforce


def grade(assignment: Assignment) -> Result | None:
    """Grant the campaign's qualification to the page's worker if that page completed it, and it is passed.

    Returns the result, None for a campaign that grants nothing. Run twice, it grants once.
    """
    return _grade(assignment) if assignment.campaign.grants else None


@transaction.atomic
def _grade(assignment: Assignment) -> Result:
    campaign, worker = assignment.campaign, assignment.worker
    found = result(worker, campaign=campaign)
    value = round(100 * found.share)
    if found.is_passed and not worker.qualifications.filter(name=campaign.grants, value__gte=value).exists():
        workforce.grant(worker, name=campaign.grants, value=value)
        trail.record(
            campaign.organization,
            verb="grant",
            subject=f"worker:{worker.pk}",
            reason=f"{found.share:.0%} of {found.questions} questions right, {found.pass_share:.0%} pass",
            qualification=campaign.grants,
            value=value,
            campaign=str(campaign.pk),
        )
    return found
