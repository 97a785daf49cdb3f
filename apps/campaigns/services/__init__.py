"""Campaigns: making them, changing what they ask (making, drafting, contests), what they go through (lifecycle)."""

from apps.campaigns.services.contests import contest, reinstate_gold, suspend_gold
from apps.campaigns.services.drafting import amend, begin, note_trial
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
    drop_gold,
    publish_guidelines,
    reserve,
    revise,
)
from apps.campaigns.services.piloting import end_pilot, pass_pilot
from apps.campaigns.services.policies import forget_least_pay, set_least_pay
from apps.campaigns.services.terms import ask_anew, change_method, change_suggestions, change_terms

__all__ = [
    "NotADraft", "add_gold", "amend", "ask_anew", "begin", "change_method", "change_suggestions", "change_terms",
    "clone", "contest", "create", "drop_gold", "end", "end_pilot", "forget_least_pay", "give_back", "launch", "lock",
    "note_trial", "open_ended", "pass_pilot", "pause", "publish_guidelines", "reinstate_gold", "reopen", "reserve",
    "resume", "revise", "run", "set_least_pay", "stop", "suspend_gold", "top_up",
]  # fmt: skip
