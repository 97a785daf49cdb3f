"""What may change while a campaign runs: how many answers an item gets, what a page pays, who sees suggestions."""

from django.db import transaction

from apps.campaigns.models import Campaign
from apps.campaigns.services.lifecycle import lock
from apps.campaigns.spec import BadSpec, read_some
from apps.campaigns.tiers import above
from apps.core.money import BadAmount
from apps.core.states import IllegalMove
from apps.members import trail
from apps.members.models import User

CHANGED = (Campaign.State.LAUNCHING, Campaign.State.RUNNING, Campaign.State.PAUSED)


@transaction.atomic
def change_terms(campaign: Campaign, *, redundancy: int, price: int, by: User | None = None) -> bool:
    """Change a launched campaign's redundancy and price; return whether anything changed. Run twice, it changes once.

    Raises `IllegalMove` unless it is under way, and `BadAmount` for a price below 0. Tasks are the caller's to change.
    """
    if price < 0:
        raise BadAmount(f"a price of {price} minor units of {campaign.currency} should not be negative")
    _must_be_under_way(campaign)
    before = {"redundancy": campaign.redundancy, "price": campaign.price}
    after = {"redundancy": redundancy, "price": price}
    if before == after:
        return False
    most = None if campaign.redundancy_max is None else max(campaign.redundancy_max, redundancy)
    tiers = above(campaign, price=price)  # a tier that pays no more than the price is none
    Campaign.objects.filter(pk=campaign.pk).update(**after, redundancy_max=most, pay_tiers=tiers)
    campaign.refresh_from_db(fields=[*after, "redundancy_max", "pay_tiers"])
    trail.record(
        campaign.organization, verb="change terms", subject=campaign.key, actor=by, before=before, after=after,
        currency=campaign.currency,
    )  # fmt: skip
    return True


@transaction.atomic
def ask_anew(campaign: Campaign, *, by: User | None = None) -> int:
    """Decide that what was answered by older guidelines is asked anew; return the version of the newest.

    Raises `IllegalMove` unless the campaign is under way, and where there are no newer guidelines. Answers and tasks
    are the caller's to change.
    """
    _must_be_under_way(campaign)
    newest = campaign.guidelines.order_by("-version").first()
    if newest is None or newest.version < 2:
        raise IllegalMove(
            f"campaign {campaign} has one version of its guidelines: publish better ones first",
            field="guidelines.version", found=newest.version if newest else 0, wanted="2 or more",
        )  # fmt: skip
    trail.record(campaign.organization, verb="ask anew", subject=campaign.key, actor=by, guidelines=newest.version)
    return newest.version


@transaction.atomic
def change_suggestions(campaign: Campaign, *, to: str, withheld: float, reason: str, by: User | None = None) -> bool:
    """Change who sees what a model suggests, and at what share of questions workers do not, from now on.

    Returns whether anything changed; run twice, it changes once. Raises `IllegalMove` unless the campaign is under way
    and was launched with a field that holds suggestions, and `BadSpec`. Whether they may be shown is the caller's to
    ask: what is asked by then is not known here.
    """
    _must_be_under_way(campaign)
    if not campaign.suggestion_field:
        raise IllegalMove(
            f"campaign {campaign} was launched without a field that holds suggestions, and one can't be added: "
            "a clone of it can name one",
            field="campaign.suggestion_field", found="", wanted="a field that holds suggestions",
        )  # fmt: skip
    if not reason.strip():
        raise BadSpec(["reason is empty, it should say why this is changed"])
    after = read_some({"suggested_to": to, "suggestion_withheld": withheld}, of=campaign)
    before = {name: getattr(campaign, name) for name in after}
    if before == after:
        return False
    Campaign.objects.filter(pk=campaign.pk).update(**after)
    campaign.refresh_from_db(fields=list(after))
    trail.record(
        campaign.organization, verb="change suggestions", subject=campaign.key, actor=by, before=before, after=after,
        reason=reason.strip(),
    )  # fmt: skip
    return True


def _must_be_under_way(campaign: Campaign) -> None:
    lock(campaign)
    if campaign.state not in CHANGED:
        raise IllegalMove(
            f"campaign {campaign} is {campaign.state!r}: only one under way can be changed",
            field="campaign.state", found=campaign.state, wanted=sorted(map(str, CHANGED)),
        )  # fmt: skip
    if campaign.open_ended:
        raise IllegalMove(
            f"each task of campaign {campaign} was asked for by itself, with its own answers and money",
            field="campaign.open_ended", found=True, wanted=False,
        )  # fmt: skip


@transaction.atomic
def change_method(campaign: Campaign, *, method: str, by: User | None = None) -> bool:
    """Combine a campaign's answers otherwise from now on, in any state; return whether anything changed.

    Raises `ValueError` for what is no method. The labels are the caller's to combine again.
    """
    if method not in Campaign.Method.values:
        raise ValueError(f"{method!r} is not one of {Campaign.Method.values}")
    lock(campaign)
    if campaign.method == method:
        return False
    before = campaign.method
    Campaign.objects.filter(pk=campaign.pk).update(method=method)
    campaign.refresh_from_db(fields=["method"])
    trail.record(
        campaign.organization, verb="change method", subject=campaign.key, actor=by, before=before, after=method
    )
    return True
