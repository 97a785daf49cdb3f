"""What changed in a campaign's guidelines since a worker last had a page of it."""

from dataclasses import dataclass
from difflib import SequenceMatcher

from apps.work.models import Assignment
from apps.workbench import queries


@dataclass(frozen=True)
class Change:
    """A run of lines that stand differently: `before` is empty where they are new, `after` where they are gone."""

    before: str
    after: str


def changes_for(page: Assignment) -> list[Change]:
    """Return what is new on this page to somebody who read the guidelines for the page before, [] where nothing is."""
    seen = (
        Assignment.objects.filter(campaign=page.campaign_id, worker=page.worker_id, leased_at__lt=page.leased_at)
        .order_by("-leased_at")
        .values_list("guidelines", flat=True)
        .first()
    )
    if seen is None or seen == page.guidelines:
        return []
    before = queries.guidelines(page.campaign, version=seen)
    after = queries.guidelines(page.campaign, version=page.guidelines)
    return changes(before.text if before else "", after.text if after else "")


def changes(before: str, after: str) -> list[Change]:
    """Return the lines that differ, in order; empty lines say nothing.

    >>> changes("Look.\\nChoose one.", "Look.\\n\\nChoose the largest.")
    [Change(before='Choose one.', after='Choose the largest.')]
    """
    old, new = ([line for line in text.splitlines() if line.strip()] for text in (before, after))
    return [
        Change("\n".join(old[a:b]), "\n".join(new[c:d]))
        for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
        if tag != "equal"
    ]
