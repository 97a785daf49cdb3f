"""How often a caller may ask: by the address before anything else, then by account and by campaign."""

import math
from collections.abc import Callable
from functools import partial

from django.conf import settings
from rest_framework.request import Request

from apps.api.callers import Caller
from apps.api.problems import Problem
from apps.core import rates


def check_address(request: Request) -> None:
    """Raise `Problem` (429) where too many requests came from one address, tokens or not."""
    _take("address", partial(rates.ask, "address", rates.address(request._request)))  # noqa: SLF001 - DRF hides it


def check_caller(request: Request, caller: Caller) -> None:
    """Raise `Problem` (429) where a member or worker, or a campaign's workers together, ask too often."""
    bearer = caller.bearer
    _take("account", partial(rates.ask, "account", str(bearer.user or bearer.worker)))
    campaign = request.parser_context["kwargs"].get("campaign_id")
    if campaign is not None:
        _take("campaign", partial(rates.ask_of_campaign, bearer.organization, campaign))


def _take(what: str, take: Callable[[], None]) -> None:
    try:
        take()
    except rates.TooMany as full:
        a_second, burst = settings.API_RATES[what]
        setting = f"LABELCROWD_RATE_{what.upper()}"
        raise Problem(
            429,
            f"{full}; {a_second:g} a second, {int(burst)} at once, are the most there may be ({setting})",
            headers={"Retry-After": str(math.ceil(full.wait))},
        ) from None
