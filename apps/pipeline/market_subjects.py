"""Whose money a decision about a market is: for whoever signs it to know, in rows that there are."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from apps.campaigns.models import Campaign
from apps.channels import discovery
from apps.channels.models import Claim, Publication
from apps.payments.models import Obligation, SignOff
from apps.pipeline import market_money

KINDS = {"bonus": _("bonus"), "reward": _("reward")}


@dataclass(frozen=True)
class Subject:
    """What a sign-off is about, as far as it is known: `worker` and `slot` by the market's names, `at` the market."""

    worker: str = ""
    campaign: Campaign | None = None
    slot: str = ""
    at: str = ""
    owed: Obligation | None = None
    claim: Claim | None = None
    offer: Publication | None = None


def of(row: SignOff) -> Subject:
    """Return what a sign-off is about; of rows that are not there, nothing."""
    noun, _colon, key = row.subject.partition(":")
    if noun == "obligation" and key.isdecimal():
        rows = Obligation.objects.filter(organization=row.organization_id)
        owed = rows.select_related("worker", "campaign", "organization").filter(pk=int(key)).first()
        return _of_owed(owed) if owed is not None else Subject()
    if noun == "claim":
        claims = Claim.objects.filter(publication__campaign__organization=row.organization_id)
        claim = claims.select_related("worker", "publication__campaign").filter(pk__in=_ids(key)).first()
        return _of_claim(claim) if claim is not None else Subject()
    offers = Publication.objects.filter(campaign__organization=row.organization_id).select_related("campaign")
    offer = offers.filter(pk__in=_ids(row.about.get("publication", key))).first()
    if offer is None:
        return Subject()
    about = row.about
    return Subject(about.get("worker", ""), offer.campaign, about.get("assignment", ""), _at(offer), offer=offer)


def told(row: SignOff) -> list[tuple[Any, Any]]:
    """Return what who asked said besides, each with its name: what a listed payment is, and that they looked there."""
    kind = row.about.get("kind")
    facts = [(_("Listed as"), KINDS.get(kind, kind))] if kind else []
    if row.about.get("seen_unpaid"):
        facts.append((_("Seen at the market"), _("that it did not pay it")))
    return facts


def _of_owed(owed: Obligation) -> Subject:
    claim = Claim.objects.filter(page=owed.assignment_id, page__isnull=False).select_related("publication").first()
    bonus = market_money.asked_before(owed)
    slot = claim.assignment if claim is not None else bonus.asked["assignment"] if bonus is not None else ""
    named = {"name": bonus.asked["publication"]} if bonus is not None else {"claims": claim}
    offer = Publication.objects.filter(channel=owed.worker.channel, **named).first() if claim or bonus else None
    here = owed.worker.channel in discovery.names() and discovery.of(owed.worker.channel).environment
    at = _at(offer) if offer is not None else f"{owed.worker.channel} at {here}" if here else ""
    return Subject(owed.worker.external_id, owed.campaign, slot, at, owed, claim, offer)


def _of_claim(claim: Claim) -> Subject:
    offer = claim.publication
    owed = Obligation.objects.filter(assignment=claim.page_id, assignment__isnull=False).first()
    return Subject(claim.worker.external_id, offer.campaign, claim.assignment, _at(offer), owed, claim, offer)


def _at(offer: Publication) -> str:
    return f"{offer.channel} at {offer.environment}" if offer.environment else offer.channel


def _ids(key: str) -> list[UUID]:
    try:
        return [UUID(key)]
    except ValueError:
        return []
