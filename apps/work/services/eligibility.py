"""Who may work in a campaign."""

from apps.campaigns.models import Campaign
from apps.work import requirements
from apps.work.errors import NoWork
from apps.workforce import queries as workforce
from apps.workforce.models import Worker


def check_eligible(worker: Worker, *, campaign: Campaign, pages: int) -> None:
    """Raise `NoWork`, saying why, if this worker may have no (further) page; `pages` are handed in or in hand."""
    if worker.organization_id != campaign.organization_id or worker.channel != campaign.channel:
        raise NoWork("eligibility", "this campaign is not offered to you")
    if campaign.most_pages is not None and pages >= campaign.most_pages:
        raise NoWork("cap", f"you have done the {campaign.most_pages} pages that one worker may do here")
    restriction = workforce.restrictions_in_force(worker, scope=campaign.key).first()
    if restriction is not None:
        until = f" until {restriction.ends_at:%Y-%m-%d %H:%M} UTC" if restriction.ends_at else ""
        raise NoWork("restricted", f"you can't work here{until}: {restriction.reason}")
    if campaign.languages and not set(campaign.languages) & set(worker.languages):
        raise NoWork("eligibility", f"this campaign asks for one of these languages: {', '.join(campaign.languages)}")
    if campaign.groups and not worker.groups.filter(name__in=campaign.groups).exists():
        raise NoWork("eligibility", "this campaign is for a group of workers that you are not in")
    if campaign.least_skill is not None:
        _check_skill(worker, campaign)
    for requirement in campaign.requirements:
        if not requirements.meets(worker, requirement):
            raise NoWork("eligibility", requirements.sentence(requirement))


def _check_skill(worker: Worker, campaign: Campaign) -> None:
    scope = campaign.skill_scope or campaign.key
    skill = worker.skills.filter(scope=scope).first()
    elsewhere = scope != campaign.key
    if skill is None and elsewhere:
        raise NoWork("skill", "this campaign is for workers whose skill was measured before: you have no score yet")
    # What is measured here stops a worker only when the whole interval lies below: early pages tell little.
    if skill is not None and (skill.mean if elsewhere else skill.high) < (campaign.least_skill or 0):
        raise NoWork(
            "skill", f"this campaign asks for a skill of {campaign.least_skill:.2f}, yours is {skill.mean:.2f}"
        )
