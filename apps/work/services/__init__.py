"""What happens to tasks, pages and judgments; each verb in a file of its own."""

from apps.work.services.asking import ask, ask_again, close, close_at
from apps.work.services.changing import change
from apps.work.services.deciding import (
    approve,
    approve_each,
    hold_until,
    lock_submitted,
    overturn,
    reject,
    release_rejected,
)
from apps.work.services.deepening import deepen
from apps.work.services.ending import end_overdue, expire, extend, give_back, release_unshown, show
from apps.work.services.finding import has_handed_in, has_work, may_find
from apps.work.services.late import may_come
from apps.work.services.leasing import lease, lease_to
from apps.work.services.reading import digest_of
from apps.work.services.reasking import ask_anew
from apps.work.services.seeing import is_in_hand, may_see
from apps.work.services.settling import settle
from apps.work.services.slots import check, hand_in_late, hand_in_nothing, hold_on, lease_slot
from apps.work.services.splitting import lock_split, split
from apps.work.services.submitting import submit, submit_by
from apps.work.services.suspending import suspend
from apps.work.services.wanting import put_back, want

__all__ = [
    "approve", "approve_each", "ask", "ask_again", "ask_anew", "change", "check", "close", "close_at",
    "deepen", "digest_of", "end_overdue", "expire", "extend", "give_back", "hand_in_late", "hand_in_nothing",
    "has_handed_in", "has_work", "hold_on", "hold_until", "is_in_hand", "lease", "lease_slot", "lease_to", "lock_split",
    "lock_submitted", "may_come", "may_find", "may_see", "overturn", "put_back", "reject", "release_rejected",
    "release_unshown", "settle", "show", "split", "submit", "submit_by", "suspend", "want",
]  # fmt: skip
