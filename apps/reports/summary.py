"""What came out of a campaign, in a few numbers that a requester would tell others."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import DurationField, ExpressionWrapper, F, Sum
from django.db.models.functions import Coalesce

from apps.campaigns.models import Campaign
from apps.core import money
from apps.payments.models import Obligation
from apps.reports.intervals import Share
from apps.reports.progress import Progress, progress
from apps.reports.truth import Truth, labels_against, share_right
from apps.workforce.models import Channel

Accuracy = Share


@dataclass(frozen=True)
class Summary:
    """Money in minor units of the campaign's currency.

    accuracy: of the labels, where the truth is known. hourly: what an hour earned, by the time pages were in hand and
    approved. Each is None where there is nothing to tell it from.
    """

    campaign: Campaign
    progress: Progress
    accuracy: Accuracy | None
    hourly: int | None

    @property
    def judgments_per_label(self) -> float | None:
        return self.progress.judgments_made / self.progress.labels if self.progress.labels else None

    @property
    def cost_per_label(self) -> float | None:
        """In minor units, with decimals."""
        return self.progress.spent / self.progress.labels if self.progress.labels else None

    def lines(self) -> Iterator[tuple[str, str]]:
        """Yield names and values to be printed, those that are known."""
        now = self.progress
        yield "labels", f"{now.labels:,} of {now.items:,} items"
        if self.accuracy:
            yield "accuracy", f"{self.accuracy}, {self.accuracy.total:,} compared with the truth"
        if now.gold:
            yield "gold accuracy", f"{now.gold} of {now.gold.total:,} answers to gold questions"
        if now.percent_agreement is not None:
            yield "agreement", f"{now.percent_agreement:.1%} of pairs of answers{_alpha(now)}"
        if self.judgments_per_label is not None:
            yield "judgments", f"{now.judgments_made:,} ({self.judgments_per_label:.1f} a label)"
        yield "workers", f"{now.workers:,}"
        yield "cost", money.show(now.spent, now.currency) + _of_budget(now)
        if self.hourly is not None:
            yield "an hour earned", money.show(self.hourly, now.currency)


def accuracy(campaign: Campaign, truth: Truth) -> Accuracy | None:
    """Return how much of the campaign's labels is right by their kind's score, with Wilson's 95 % interval.

    `truth` holds raw answers by external id; labels of other items are not counted. None if there is none to compare.
    """
    return share_right(labels_against(campaign, truth))


def summary(campaign: Campaign, truth: Truth | None = None) -> Summary:
    """Return the campaign's summary as of now."""
    return Summary(
        campaign=campaign,
        progress=progress(campaign),
        accuracy=accuracy(campaign, truth) if truth else None,
        hourly=hourly(campaign),
    )


def hourly(campaign: Campaign) -> int | None:
    """Return what an hour in hand of the campaign's approved pages earned, in minor units.

    None before the first, and for a simulated crowd, which takes no time.
    """
    if campaign.channel == Channel.SIMULATED:
        return None
    in_hand = ExpressionWrapper(
        F("assignment__submitted_at") - Coalesce(F("assignment__shown_at"), F("assignment__leased_at")),
        output_field=DurationField(),
    )
    sums = Obligation.objects.filter(campaign=campaign).aggregate(earned=Sum("amount"), in_hand=Sum(in_hand))
    time: timedelta | None = sums["in_hand"]
    if not time:
        return None
    return money.half_up(sums["earned"] * 3600 * 1000, max(1, time // timedelta(milliseconds=1)))


def _alpha(now: Progress) -> str:
    if now.agreement is None:
        return ""
    interval = ""
    if now.agreement_low is not None and now.agreement_high is not None:
        interval = f" ({now.agreement_low:.2f} to {now.agreement_high:.2f})"
    return f", Krippendorff's alpha {now.agreement:.2f}{interval}"


def _of_budget(now: Progress) -> str:
    return f" of {money.show(now.budget, now.currency)}" if now.budget else ""
