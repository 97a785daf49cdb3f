"""HIT types: one campaign each, open-ended, reviewed by the requester."""

import hashlib
import json
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db import transaction

from apps.campaigns import services as campaigns
from apps.campaigns.models import Campaign
from apps.core import money
from apps.datasets import services as datasets
from apps.datasets.models import Dataset
from apps.kinds import names as kind_names
from apps.kinds import of as kind_of
from apps.kinds.framed import FramedKind
from apps.members.models import Organization
from apps.turkapi import names, queries
from apps.turkapi.errors import turk
from apps.turkapi.models import HitType
from apps.turkapi.services import requirements
from apps.turkapi.signing import Caller

CURRENCY = "USD"  # the API's amounts name none


@dataclass(frozen=True)
class Terms:
    """What makes a HIT type: equal terms are one type. `reward` is in minor units."""

    title: str
    description: str
    keywords: str
    reward: int
    duration: int
    approve_after: int
    requirements: list[dict[str, Any]] = field(default_factory=list)

    @property
    def digest(self) -> str:
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


def framed() -> FramedKind[Any, Any]:
    """Return the kind whose question is a page of the requester's own."""
    return next(kind for kind in map(kind_of, kind_names()) if isinstance(kind, FramedKind))


class MadeMeanwhile(Exception):
    """Somebody else made the HIT type that was to be made."""


def type_of(caller: Caller, terms: Terms) -> HitType:
    """Return the organization's HIT type of these terms, made now if there is none or it was stopped."""
    while (known := known_type(caller, terms)) is None:
        with suppress(MadeMeanwhile):
            return new_type(caller, terms)
    return known


@transaction.atomic
def new_type(caller: Caller, terms: Terms) -> HitType:
    """Make a HIT type of these terms, in the place of one that was stopped; raise `MadeMeanwhile` if one goes on.

    The organization stays locked until the transaction ends, and a campaign that others know is locked before it: so
    nothing else may be done in that transaction with a type that somebody else made.
    """
    Organization.objects.select_for_update(no_key=True).get(pk=caller.organization.pk)  # one at a time, so once
    if known_type(caller, terms):
        raise MadeMeanwhile
    HitType.objects.filter(organization=caller.organization, digest=terms.digest).update(digest="")
    return _make(caller, terms)


def known_type(caller: Caller, terms: Terms) -> HitType | None:
    """Return the organization's HIT type of these terms, None where none goes on."""
    equal = HitType.objects.filter(organization=caller.organization, digest=terms.digest)
    return equal.exclude(campaign__state__in=queries.STOPPED).select_related("campaign").first()


def check_offered(of: HitType) -> None:
    """Lock the type's campaign, and raise `Refused` if nobody would see a HIT of it: no money is taken for that."""
    campaigns.lock(of.campaign)
    if queries.is_stopped(of):
        said = "was stopped for good, so it takes no HITs: CreateHITType with the same values makes another"
        raise turk("HITTypeDoesNotExist", f"HITType {names.written(of.pk)} {said}.")
    check_not_paused(of)


def check_not_paused(of: HitType) -> None:
    """Raise `Refused` if the type's campaign, which is locked, is paused."""
    if queries.is_paused(of):
        said = "is paused, so nobody would see what is paid for: try again once its campaign was resumed"
        raise turk("InvalidHITState", f"HITType {names.written(of.pk)} {said}.")


def _make(caller: Caller, terms: Terms) -> HitType:
    name = _free(terms.title[:110], of=caller.organization)
    datasets.open_dataset(caller.organization, name=name)
    spec = {
        "name": name,
        "dataset": name,
        "kind": framed().name,
        "settings": {"question": terms.title},
        "guidelines": terms.description,
        "price": str(money.to_decimal(terms.reward, CURRENCY)),
        "currency": CURRENCY,
        "page_size": 1,
        "redundancy": 1,
        "lease_seconds": terms.duration,
        "approve_after_seconds": terms.approve_after,
        "gold_share": 0.0,
        "early_gold": 0,
    }
    campaign = campaigns.create(caller.organization, spec=spec, by=caller.user)
    asked = requirements.read(caller.organization, terms.requirements)
    campaigns.open_ended(campaign, requirements=asked, by=caller.user)
    return HitType.objects.create(
        campaign=campaign,
        organization=caller.organization,
        digest=terms.digest,
        title=terms.title,
        description=terms.description,
        keywords=terms.keywords,
        requirements=terms.requirements,
    )


def _free(title: str, *, of: Organization) -> str:
    """Return the title, which workers read, with a number behind it where a type, campaign or dataset has that name."""
    number = 1 + HitType.objects.filter(organization=of, title__startswith=title).count()
    name = title if number == 1 else f"{title} · {number}"
    while any(model.objects.filter(organization=of, name=name).exists() for model in (Campaign, Dataset)):
        number += 1
        name = f"{title} · {number}"
    return name
