"""Campaigns: making them, changing what they ask (making, drafting, contests), what they go through (lifecycle)."""

from apps.campaigns.services.contests import contest, reinstate_gold, suspend_gold
from apps.campaigns.services.drafting import amend, begin
from apps.campaigns.services.lifecycle import (
    end,
    give_back,
    launch,
    lock,
    open_ended,
    pause,
    reopen,
    resume,
    run,
    stop,
    top_up,
)
from apps.campaigns.services.making import (
    NotADraft,
    add_gold,
    clone,
    create,
    publish_guidelines,
    reserve,
    revise,
)

__all__ = [
    "NotADraft", "add_gold", "amend", "begin", "clone", "contest", "create", "end", "give_back", "launch", "lock",
    "pause", "publish_guidelines", "reinstate_gold", "reopen", "reserve", "resume", "revise", "run", "stop",
    "suspend_gold", "top_up",
]  # fmt: skip
