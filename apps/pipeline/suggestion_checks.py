"""Whether what a model suggests can be shown: it is an answer to the question, and does not tell what is gold."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from apps.campaigns import queries as campaigns
from apps.campaigns.models import Campaign
from apps.campaigns.suggestions import BadSuggestion, Suggestions
from apps.kinds import of
from apps.kinds.framed import FramedKind
from apps.pipeline.findings import Finding
from apps.work.suggested import asked_without

NAMED = 3
TELLS = (
    "workers would tell gold from other questions by that. Give those items one, or show suggestions to reviewers only"
)
NOT_ASKED = ": they are not asked, as gold always has one and would be told from them"
ENOUGH = 5  # gold questions from which it is told that the suggestion is nearly always right
MOST_RIGHT = 0.75
GOLD_AT_ONCE = 500
READ_ONCE = 256  # different values, which a choice has few of


@dataclass
class Seen:
    """What was found among a dataset's first items: how many, and of those with a problem the first by name.

    `left_out` are those of all items that will not be asked: workers see what is suggested, and nothing is for them.
    Gold is not among them: it has to have a suggestion.
    """

    items: int = 0
    none: int = 0
    without: list[str] = field(default_factory=list)
    bad: int = 0
    wrong: list[str] = field(default_factory=list)
    left_out: int = 0


def look(campaign: Campaign, *, items: int) -> Seen | None:
    """Read once what a campaign's items suggest; None where nobody sees it, or the question is not finished.

    Looks at the first so many items; where workers see it reads all, which takes as long as to make their tasks.
    """
    suggestions = Suggestions.of(campaign)
    return None if suggestions is None else _look(campaign, suggestions, items)


def findings(campaign: Campaign, *, items: int, seen: Seen | None = None) -> Iterator[Finding]:
    """Yield what is wrong with a campaign's suggestions, among the first so many items and all gold.

    What was `seen` of them already is not read again.
    """
    if campaign.suggested_to == Campaign.SuggestedTo.NOBODY:
        return
    if problem := _not_here(campaign):
        yield Finding("block", problem, "suggestions")
        return
    name = campaign.suggestion_field
    if not campaign.show or name in campaign.show:
        said = f"the field {name!r} holds suggestions, and workers would see it as part of the item: "
        yield Finding("block", said + "name the fields that they see, without it", "show")
    suggestions = Suggestions.of(campaign)
    if suggestions is None:
        return  # the question is not finished, which is told already
    seen = seen or _look(campaign, suggestions, items)
    if seen.items and seen.none == seen.items:
        yield Finding("block", f"no item has a suggestion in the field {name!r}", "suggestions")
        return
    if seen.items and seen.none + seen.bad == seen.items:
        yield Finding("block", f"no item has a suggestion that can be shown ({seen.wrong[0]})", "suggestions")
        return
    yield from _of_items(campaign, seen)
    if campaign.suggested_to == Campaign.SuggestedTo.WORKERS:
        yield from _of_gold(campaign, suggestions)
        if not campaign.suggestion_withheld:
            said = "every worker sees what is suggested: what that does to their answers can't be measured"
            yield Finding("note", said, "suggestions")


def of_asked(campaign: Campaign) -> Iterator[Finding]:
    """Yield what is wrong with what a launched campaign asks by now: no task was made of what has no suggestion, once
    workers see them, but before. Reads all of it.
    """
    if campaign.suggested_to == Campaign.SuggestedTo.WORKERS and (item := asked_without(campaign)):
        said = (
            f"item {item!r} is asked, and has no suggestion that can be shown: workers would know that it is not gold"
        )
        yield Finding("block", said, "suggestions")


def _not_here(campaign: Campaign) -> str:
    if isinstance(of(campaign.kind), FramedKind):
        return "a requester's own page asks the question, and can't begin with what a model suggests"
    if not campaign.is_work:
        return f"a {campaign.get_purpose_display()} asks what is known: nothing is suggested in it"
    return ""


def _look(campaign: Campaign, suggestions: Suggestions, items: int) -> Seen:
    seen = Seen()
    by_workers = campaign.suggested_to == Campaign.SuggestedTo.WORKERS

    @lru_cache(maxsize=READ_ONCE)
    def read(value: str) -> tuple[bool, str]:
        """Return whether something is suggested, and what is wrong with it."""
        try:
            return suggestions.read_value(json.loads(value)) is not None, ""
        except BadSuggestion as error:
            return True, str(error)

    held = campaigns.values_of_items(campaign, field=suggestions.field, most=None if by_workers else items)
    for item, value, is_gold in held:
        has_one, problem = (False, "") if value is None else read(value)
        seen.left_out += by_workers and not is_gold and (bool(problem) or not has_one)
        if seen.items == items:
            continue
        seen.items += 1
        if problem:
            seen.bad += 1
            seen.wrong += [f"item {item!r}: {problem}"] if seen.bad <= NAMED else []
        elif not has_one:
            seen.none += 1
            seen.without += [item] if seen.none <= NAMED else []
    return seen


def _of_items(campaign: Campaign, seen: Seen) -> Iterator[Finding]:
    workers = campaign.suggested_to == Campaign.SuggestedTo.WORKERS
    if seen.bad:
        which = "; ".join(seen.wrong)
        said = f"{seen.bad} of {seen.items} items have a suggestion that is no answer to the question ({which})"
        yield Finding("note", said + (NOT_ASKED if workers else ": none is shown for them"), "suggestions")
    if seen.none:
        which = ", ".join(repr(name) for name in seen.without)
        said = f"{seen.none} of {seen.items} items have no suggestion ({which})"
        yield Finding("note", said + (NOT_ASKED if workers else ""), "suggestions")


def _of_gold(campaign: Campaign, suggestions: Suggestions) -> Iterator[Finding]:
    kind, settings = suggestions.kind, suggestions.settings
    without, right, golds = [], 0, 0
    for gold in campaign.gold.select_related("item").order_by("pk").iterator(GOLD_AT_ONCE):
        golds += 1
        suggested = suggestions.usable(gold.item.data)
        if suggested is None:
            without.append(gold.item.external_id)
            continue
        known = [kind.read(answer, settings) for answer in gold.answers]
        right += kind.score(kind.read(suggested, settings), known, settings) == 1
    if without:
        which = ", ".join(repr(name) for name in without[:NAMED])
        said = f"{len(without)} of {golds} gold questions have no suggestion that can be shown ({which}): {TELLS}"
        yield Finding("block", said, "suggestions")
    elif golds >= ENOUGH and right > MOST_RIGHT * golds:
        said = f"the suggestion is right on {right} of {golds} gold questions: who always keeps it passes"
        yield Finding("note", said, "suggestions")
