"""Whether gold asks about every answer: who always says the same should not pass."""

from collections import Counter
from collections.abc import Iterator

from apps.campaigns.models import Campaign
from apps.kinds import of
from apps.kinds.errors import Bad
from apps.pipeline.findings import Finding

ENOUGH = 5  # gold questions from which their answers are compared
MOST_SHARE = 0.75  # of gold that one answer gets right, before that is told
NAMED = 3


def findings(campaign: Campaign) -> Iterator[Finding]:
    """Yield that one answer gets most of gold right, or that some answers get none; of kinds whose answers are few."""
    kind = of(campaign.kind)
    try:
        settings = kind.read_settings(campaign.settings)
    except Bad:
        return
    classes = kind.classes(settings)
    known = list(campaign.gold.values_list("answers", flat=True))
    if classes is None or len(known) < ENOUGH or not campaign.is_work:
        return
    right = Counter(repr(answer) for answers in known for answer in answers)
    names = {repr(written): _name(written) for written in map(kind.write, classes)}
    commonest, count = max(((name, right[key]) for key, name in names.items()), key=lambda pair: pair[1])
    if count > MOST_SHARE * len(known):
        yield Finding(
            "note",
            f"{commonest!r} is right on {count} of {len(known)} gold questions: who always says it passes",
            "gold",
        )
    missing = [name for key, name in names.items() if not right[key]]
    if missing:
        some = ", ".join(repr(name) for name in missing[:NAMED])
        more = f" and {len(missing) - NAMED} more" if len(missing) > NAMED else ""
        yield Finding("note", f"no gold question has {some}{more} as its answer: mistakes there go unseen", "gold")


def _name(written: object) -> str:
    return written if isinstance(written, str) else repr(written)
