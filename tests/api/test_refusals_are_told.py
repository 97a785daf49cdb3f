"""P19: what says no anywhere below the API has a status there, or its reason to need none."""

import inspect
import sys

import pytest
from django.urls import get_resolver

from apps.api import problems

assert get_resolver().url_patterns

CAUGHT = "caught where it is raised from, and told otherwise"
OF_THE_BELT = "raised by steps, which nobody asks over the API"
ELSEWHERE = "of another door: pages, media, or the MTurk service"
NO_REFUSAL = "a fault of ours, or of what we run on"
UNTOLD = {
    "aggregation.table.BadTable": NO_REFUSAL,
    "campaigns.suggestions.BadSuggestion": CAUGHT,
    "channels.addresses.NoAddress": ELSEWHERE,
    "channels.base.ChannelBusy": CAUGHT,
    "channels.base.ChannelError": CAUGHT,
    "channels.base.ChannelGone": CAUGHT,
    "channels.base.ChannelRefused": CAUGHT,
    "channels.base.ChannelUnknown": CAUGHT,
    "channels.services.claiming.Full": ELSEWHERE,
    "channels.services.claiming.NotOffered": ELSEWHERE,
    "channels.services.claiming.NotYet": ELSEWHERE,
    "channels.services.deciding.NotListed": CAUGHT,
    "channels.services.intents.OtherIntent": NO_REFUSAL,
    "core.conflicts.Conflicting": "only those that derive from it are raised",
    "core.outbound.Failed": CAUGHT,
    "core.outbound.NotAllowed": CAUGHT,
    "datasets.heads.Unread": CAUGHT,
    "datasets.intake.OvertakenImport": OF_THE_BELT,
    "datasets.pictures.BadPicture": OF_THE_BELT,
    "datasets.services.ImportBusy": OF_THE_BELT,
    "datasets.sniff.Unknown": OF_THE_BELT,
    "datasets.values.BadItem": OF_THE_BELT,
    "files.addresses.Expired": ELSEWHERE,
    "files.addresses.Forged": ELSEWHERE,
    "files.ranges.Unsatisfiable": ELSEWHERE,
    "hitevents.transports.BadDestination": ELSEWHERE,
    "hitevents.transports.NotDelivered": OF_THE_BELT,
    "payments.services.settling.PaidByUs": OF_THE_BELT,
    "pipeline.market_people.NotBlocked": CAUGHT,
    "pipeline.questions.AskedOnce": NO_REFUSAL,
    "pipeline.media_checks.NotSeen": CAUGHT,
    "pipeline.motor.UnknownStep": NO_REFUSAL,
    "pipeline.reading.ReaderDied": OF_THE_BELT,
    "reports.labels.flat.OddColumns": NO_REFUSAL,
    "turkapi.answer_keys.BadKey": ELSEWHERE,
    "turkapi.errors.BadValue": ELSEWHERE,
    "turkapi.errors.Malformed": ELSEWHERE,
    "turkapi.errors.Refused": ELSEWHERE,
    "turkapi.services.keys.NotARequester": "the table of permissions asks for the role before",
    "turkapi.services.qualifying.CannotAsk": ELSEWHERE,
    "turkapi.services.types.MadeMeanwhile": CAUGHT,
    "work.previews.NoPreview": ELSEWHERE,
    "workbench.asking.BadRequest": ELSEWHERE,
    "workforce.inviting.NotInvited": ELSEWHERE,
}


def refusals():
    """Return every kind of exception that the API's own code may meet; of commands and the admin only they are told."""
    elsewhere = ("apps.console.", "apps.simulation.")
    modules = [
        module
        for name, module in list(sys.modules.items())
        if name.startswith("apps.") and not name.startswith(elsewhere)
    ]
    found = {each for module in modules for each in vars(module).values() if inspect.isclass(each)}
    ours = {each for each in found if issubclass(each, Exception) and each.__module__.startswith("apps.")}
    return {each for each in ours if not each.__name__.startswith("_")}  # those are their module's own affair


def is_told(kind):
    bases = (*problems.STATUS, problems.Problem)
    return issubclass(kind, bases) or hasattr(kind, "status_code") or getattr(kind, "passes", False)


def test_every_refusal_has_its_status_or_its_reason_to_have_none():
    untold = {
        f"{kind.__module__}.{kind.__qualname__}".removeprefix("apps.") for kind in refusals() if not is_told(kind)
    }

    assert len(refusals()) > 80
    assert untold - set(UNTOLD) == set(), "these would be answered with 500: say how in apps.api.problems.STATUS"


@pytest.mark.parametrize("kind", sorted(problems.STATUS, key=str))
def test_what_has_a_field_has_a_status(kind):
    assert 400 <= problems.STATUS[kind] < 500
    assert set(problems.FIELD) <= set(problems.STATUS)
