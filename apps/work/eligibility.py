"""Who may work in a campaign."""

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from apps.campaigns.models import Campaign
from apps.core.languages import language
from apps.core.text import told
from apps.work import requirements
from apps.work.errors import NoWork
from apps.work.standing import Standing
from apps.workforce.models import Restriction, Worker


def check_eligible(
    worker: Worker,
    *,
    campaign: Campaign,
    pages: int,
    is_restricted: bool = True,
    standing: Standing | None = None,
) -> None:
    """Raise `NoWork`, saying why, if this worker may have no (further) page; `pages` are handed in or in hand.

    Who knows that nothing restricts the worker says so, and it is not asked; who asks of many campaigns hands in the
    worker's standing before all of them.
    """
    standing = standing or Standing(worker, [campaign])
    if worker.organization_id != campaign.organization_id or worker.channel != campaign.channel:
        raise NoWork("eligibility", _("this campaign is not offered to you"))
    if campaign.most_pages is not None and pages >= campaign.most_pages:
        said = _("you have done the %(n)s pages that one worker may do here")
        raise NoWork("cap", said % {"n": campaign.most_pages})
    restriction = standing.restriction(campaign) if is_restricted else None
    if restriction is not None:
        raise NoWork("restricted", _stop(restriction))
    if campaign.languages and not set(campaign.languages) & set(worker.languages):
        said = _("this campaign asks for one of these languages: %(languages)s")
        raise NoWork("eligibility", said % {"languages": ", ".join(map(language, campaign.languages))})
    if campaign.groups and not standing.groups & set(campaign.groups):
        raise NoWork("eligibility", _("this campaign is for a group of workers that you are not in"))
    if campaign.least_skill is not None:
        _check_skill(standing, campaign)
    if campaign.qualifications:
        _check_qualifications(standing, campaign)
    for requirement in campaign.requirements:
        if not requirements.meets(standing.value(requirement["name"]), requirement):
            raise NoWork("eligibility", requirements.sentence(requirement))


def _stop(restriction: Restriction) -> str:
    if restriction.ends_at is None:
        return _("you can't work here: %(reason)s") % {"reason": told(restriction.reason)}
    end = f"{date_format(localtime(restriction.ends_at), 'DATETIME_FORMAT')} {localtime(restriction.ends_at):%Z}"
    return _("you can't work here until %(end)s: %(reason)s") % {"end": end, "reason": told(restriction.reason)}


def _check_qualifications(standing: Standing, campaign: Campaign) -> None:
    if missing := standing.missing(campaign):
        said = _("this campaign asks for what you have not been granted yet: %(names)s")
        raise NoWork("qualification", said % {"names": ", ".join(missing)})


def _check_skill(standing: Standing, campaign: Campaign) -> None:
    skill = standing.skill(campaign)
    elsewhere = campaign.skill_scope not in ("", campaign.key)
    if skill is None and elsewhere:
        raise NoWork("skill", _("this campaign is for workers whose skill was measured before: you have no score yet"))
    # What is measured here stops a worker only when the whole interval lies below: early pages tell little.
    if skill is not None and (skill.mean if elsewhere else skill.high) < (campaign.least_skill or 0):
        said = _("this campaign asks for a skill of %(asked).2f, yours is %(own).2f")
        raise NoWork("skill", said % {"asked": campaign.least_skill, "own": skill.mean})
