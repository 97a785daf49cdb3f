"""What the page says of the evidence: words and drawings, for the template."""

from collections.abc import Callable
from functools import cached_property

from django.utils.safestring import SafeString

from apps.aggregation.calibration import FEWEST
from apps.core import money
from apps.reports import charts
from apps.reports.charts import Point
from apps.reports.evidence.evidence import Evidence
from apps.workforce.models import Worker

NAMES = {"percent": "Percent agreement", "alpha": "Krippendorff’s α", "gwet": "Gwet’s AC1"}


class EvidenceView:
    """Wraps evidence; every property is something that the template shows as it is.

    Args:
        name: what a worker is called.
    """

    def __init__(self, found: Evidence, name: Callable[[Worker], str]) -> None:
        self.found, self.name = found, name

    @property
    def agreement(self) -> list[tuple[str, str, SafeString | str]]:
        """Name, value with interval, drawing; coefficients below 0 are drawn at 0."""
        return [
            (
                NAMES.get(name, name),
                f"{one.value:.2f} ({one.low:.2f} to {one.high:.2f})",
                charts.span(max(0.0, one.low), max(0.0, one.value), max(0.0, one.high)),
            )
            for name, one in zip(NAMES, self.found.agreement, strict=False)
        ]

    @property
    def of_items(self) -> str:
        found = self.found
        if found.sampled < found.items:
            return f"Measured on {found.sampled:,} of {found.items:,} items, drawn at random."
        return f"Measured on all {found.items:,} items that have answers."

    @property
    def crowd(self) -> tuple[str, SafeString] | None:
        """How many answers, and what was said of each label."""
        matrix = self.found.crowd
        if matrix is None:
            return None
        drawn = charts.matrix(matrix, title="All workers’ answers against the labels")
        return f"{sum(map(sum, matrix.counts)):,} answers", drawn

    @property
    def workers(self) -> list[tuple[str, str, SafeString]]:
        return [
            (
                f"{self.name(skill.worker)}: {skill.mean:.0%} right ({skill.low:.0%} to {skill.high:.0%})",
                f"{sum(map(sum, matrix.counts)):,} answers",
                charts.matrix(matrix, title="One worker’s answers against the labels"),
            )
            for skill, matrix in self.found.workers
        ]

    @property
    def calibration(self) -> SafeString | None:
        found = self.found.honesty
        return charts.calibration(found.bins, title="Claimed confidence against audits") if found else None

    @property
    def calibrated(self) -> str:
        """A sentence on whether the confidence shown was corrected by audits."""
        found = self.found.honesty
        if found is None:
            return "No label was audited yet: confidence is what the method claims, and methods claim too much."
        error = (
            f"What the method claims is {found.gap * 100:.1f} points off on {found.audits} audited labels; "
            f"chance alone would make it {found.floor * 100:.1f}."
        )
        if self.found.calibrated:
            return f"{error} The confidence of labels is corrected by them."
        return f"{error} It is not corrected: that takes {FEWEST} audited labels in complete rounds."

    @property
    def trend(self) -> SafeString | None:
        points = [
            Point(
                one.audit.number, one.accuracy.value, one.accuracy.low, one.accuracy.high, f"{one.audit.number}",
                f"round {one.audit.number}, guidelines {one.audit.guidelines}: {one.accuracy.value:.1%}",
            )
            for one in self.found.rounds
            if one.accuracy is not None
        ]  # fmt: skip
        if not points:
            return None
        return charts.curve(points, title="Accuracy by audits, round by round", across="round", up="accuracy")

    @property
    def audited(self) -> str:
        done = [one for one in self.found.rounds if one.accuracy is not None]
        if not done:
            return ""
        last = done[-1]
        share = last.accuracy
        if share is None:
            return ""
        return (
            f"{share.value:.1%} of labels are right ({share.low:.1%} to {share.high:.1%}, 95 % interval), "
            f"by {last.drawn} labels that an expert judged blind in round {last.audit.number}."
        )

    @cached_property
    def curve(self) -> SafeString | None:
        bought = self.found.curve
        if len(bought) < 2:
            return None
        points = [
            Point(
                one.cost, one.same, max(0.0, one.same - 2 * one.spread), min(1.0, one.same + 2 * one.spread),
                f"{one.votes:.0f}", f"{one.votes:.1f} answers an item, {self._money(one.cost)}: {one.same:.1%}",
            )
            for one in bought
        ]  # fmt: skip
        return charts.curve(
            points,
            title="Labels against cost",
            across=f"answers an item, up to {self._money(bought[-1].cost)}",
            up="as with all answers",
        )

    @property
    def gain(self) -> str:
        """A sentence on what another hundred would gain."""
        gain = self.found.gain
        if gain is None:
            return ""
        told = gain.forecast
        return (
            f"Another {self._money(gain.spent)} buys {gain.answers:,} answers; put where labels are least sure, they "
            f"are expected to make {told.gain * 100:+.2f} points more labels right "
            f"({told.low * 100:+.2f} to {told.high * 100:+.2f})."
        )

    @property
    def tested(self) -> str:
        gain = self.found.gain
        if gain is None:
            return ""
        return (
            f"Tested on the answers at hand, {gain.trials} times: from half of them a fifth more was forecast to gain "
            f"{gain.forecast_before * 100:+.2f} points and gained {gain.measured_before * 100:+.2f}, as measured "
            "by the labels that all answers give. The interval is as wide as those errors."
        )

    def _money(self, minor: float) -> str:
        return money.show(round(minor), self.found.campaign.currency)
