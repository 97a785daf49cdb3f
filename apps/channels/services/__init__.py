"""Intents carried out once (intents); slots offered (offering), claimed by workers' browsers (claiming), confirmed by
the market's list (confirming); what a person decides (deciding); money held for them (holding); who is kept out
(granting); both books (reconciling)."""

from apps.channels.services.claiming import Full, NotOffered, claim, save
from apps.channels.services.confirming import (
    close,
    discard_lapsed,
    heard,
    looked,
    not_heard,
    put_off,
    settled,
    take_in,
)
from apps.channels.services.deciding import accepted, drop_bonus, give_up, lock_claim, pay_besides
from apps.channels.services.granting import BLOCKED, follow_stops, forgotten, note_block, told, unforgotten, untold
from apps.channels.services.holding import hold_again, lock_of
from apps.channels.services.intents import TOKENS_LAST, OtherIntent, carry_out, drop, later, look_for, plan
from apps.channels.services.messaging import MaybeSent, plan_messages, send_message
from apps.channels.services.offering import (
    extended,
    forgive,
    hurry,
    is_affordable,
    look_soon,
    offered,
    plan_offers,
    plan_slot_for,
    refused,
    taken_off,
    wait,
    withdraw,
)
from apps.channels.services.purses import note_balance
from apps.channels.services.reconciling import ask_again, end_comparison, note_lists, open_comparison

__all__ = [
    "BLOCKED",
    "TOKENS_LAST",
    "Full",
    "MaybeSent",
    "NotOffered",
    "OtherIntent",
    "accepted",
    "ask_again",
    "carry_out",
    "claim",
    "close",
    "discard_lapsed",
    "drop",
    "drop_bonus",
    "end_comparison",
    "extended",
    "follow_stops",
    "forgive",
    "forgotten",
    "give_up",
    "heard",
    "hold_again",
    "hurry",
    "is_affordable",
    "later",
    "lock_claim",
    "lock_of",
    "look_for",
    "look_soon",
    "looked",
    "not_heard",
    "note_balance",
    "note_block",
    "note_lists",
    "offered",
    "open_comparison",
    "pay_besides",
    "plan",
    "plan_messages",
    "plan_offers",
    "plan_slot_for",
    "put_off",
    "refused",
    "save",
    "send_message",
    "settled",
    "take_in",
    "taken_off",
    "told",
    "unforgotten",
    "untold",
    "wait",
    "withdraw",
]
