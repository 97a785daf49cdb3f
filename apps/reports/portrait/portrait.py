"""Reads all that a page shows of a campaign."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Max

from apps.campaigns.models import Campaign, Guidelines
from apps.quality.models import Consensus
from apps.reports.charts import Matrix
from apps.reports.portrait import spread
from apps.reports.portrait.against import Against, against, answers_by_label
from apps.reports.portrait.answers import Answers
from apps.reports.portrait.crowd import Crowd, crowd
from apps.reports.portrait.hardest import Shown, hardest, sure_and_wrong
from apps.reports.portrait.spread import Growth
from apps.reports.summary import Summary, summary
from apps.reports.truth import Truth
from apps.work.models import Judgment


@dataclass(frozen=True)
class Portrait:
    """One campaign as of `as_of`, the time of its newest label; `against` is None where no truth is known."""

    summary: Summary
    answers: Answers
    as_of: datetime | None
    against: Against | None
    matrix: Matrix | None
    votes_per_item: Sequence[tuple[str, int]]
    confidences: Sequence[tuple[str, int]]
    labels: Sequence[tuple[str, int]]
    growth: Growth | None
    crowd: Crowd
    hardest: Sequence[Shown]
    wrong: Sequence[Shown]
    guidelines: Sequence[Guidelines]
    methods: Sequence[str]

    @property
    def campaign(self) -> Campaign:
        return self.summary.campaign


def portrait(campaign: Campaign, truth: Truth | None = None) -> Portrait:
    """Read a campaign. Costs some passes over its judgments; memory for its workers and classes, not for its items."""
    truth = truth or {}
    answers = Answers.of(campaign)
    compared = against(campaign, answers, truth) if truth else None
    used = Judgment.objects.filter(campaign=campaign).values("guidelines")
    labels = Consensus.objects.filter(campaign=campaign)
    return Portrait(
        summary=replace(summary(campaign), accuracy=compared.labels if compared else None),
        answers=answers,
        as_of=labels.aggregate(at=Max("combined_at"))["at"],
        against=compared,
        matrix=answers_by_label(campaign, answers) if compared is None else None,
        votes_per_item=spread.votes_per_item(campaign),
        confidences=spread.confidences(campaign),
        labels=spread.labels(campaign, answers),
        growth=spread.growth(campaign),
        crowd=crowd(campaign),
        hardest=hardest(campaign, truth),
        wrong=sure_and_wrong(campaign, compared.wrong, truth) if compared else [],
        guidelines=list(campaign.guidelines.filter(version__in=used).order_by("version")),
        methods=list(labels.values_list("method", flat=True).distinct().order_by("method")),
    )
