"""What the page says of the evidence: words and drawings, for the template."""

from collections.abc import Callable
from functools import cached_property

from django.utils.safestring import SafeString

from apps.aggregation.back_test import FEWEST as FEWEST_TASKS
from apps.aggregation.back_test import LEAST
from apps.aggregation.calibration import FEWEST
from apps.core import money
from apps.reports import charts
from apps.reports.charts import Point
from apps.reports.evidence.evidence import Evidence, Interval
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
        return [(NAMES[name], *_told(one)) for name, one in self.found.agreement.items()]

    @property
    def believed(self) -> str:
        """A sentence on whether workers who agree can be believed: a crowd that shares an error agrees with itself."""
        found = self.found
        if not found.can_err:
            return (
                "Whether most of them share an error can’t be tested for this kind of question, whose answers can’t be "
                "listed: agreement says nothing of it. Audits do, and each worker’s own answers to gold."
            )
        if found.errs is None:
            return "Whether most of them share an error is not known: gold does not tell yet."
        if found.errs:
            return (
                "Most of them are wrong on gold more often than they should be by how they agree: they share an error. "
                "Workers are judged by gold alone, and labels need audits."
            )
        return "Gold bears them out: what most say is right there as often as their agreement claims."

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
        drawn = charts.counted(matrix, title="All workers’ answers against the labels")
        return f"{sum(map(sum, matrix.counts)):,} answers", drawn

    @property
    def workers(self) -> list[tuple[str, str, SafeString]]:
        return [
            (
                f"{self.name(skill.worker)}: {skill.mean:.0%} right ({skill.low:.0%} to {skill.high:.0%})",
                f"{sum(map(sum, matrix.counts)):,} answers",
                charts.counted(matrix, title="One worker’s answers against the labels"),
            )
            for skill, matrix in self.found.workers
        ]

    @property
    def calibration(self) -> SafeString | None:
        found = self.found.honesty
        return charts.calibration(found.bins, title="The confidence shown now against audits") if found else None

    @property
    def calibrated(self) -> str:
        """A sentence on whether the confidence shown was corrected by audits."""
        found = self.found.honesty
        if found is None:
            return (
                "Not calibrated: no round of audits is judged to its end, so confidence is what the method claims, "
                "and methods claim too much."
            )
        shown, claimed, chance = (f"{points * 100:.1f}" for points in (found.gap, found.claimed, found.floor))
        if self.found.calibrated:
            return (
                f"The confidence shown is {shown} points off on {found.audits} audited labels, as they are now; chance "
                f"alone would make it {chance}, and what the method claims is {claimed} off. Calibrated: the "
                "confidence that is shown and exported is corrected by them, so others may be a little further off: "
                "a new round tells."
            )
        if found.audits >= FEWEST:
            return (
                f"What the method claims is {claimed} points off on {found.audits} audited labels, as they are now; "
                f"chance alone would make it {chance}. Not calibrated yet: when labels are brought up to date next, "
                "their confidence is corrected."
            )
        return (
            f"What the method claims is {claimed} points off on {found.audits} audited labels, as they are now; chance "
            f"alone would make it {chance}. Not calibrated: that takes {FEWEST} audited labels in complete rounds."
        )

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
        told, bought = gain.forecast, f"Another {self._money(gain.spent)} buys {gain.answers:,} answers"
        if told is None:
            return (
                f"{bought}; put where labels are least sure, they would make {gain.expected * 100:+.2f} points more "
                "labels right by the confidence that is shown. No honest interval can be given."
            )
        return (
            f"{bought}; put where labels are least sure, they are expected to make {told.gain * 100:+.2f} points more "
            f"labels right ({told.low * 100:+.2f} to {told.high * 100:+.2f})."
        )

    @property
    def not_forecast(self) -> str:
        """A sentence on why nothing is said of another hundred; '' where it is, or before there are answers."""
        found = self.found
        if found.gain or not found.agreement:
            return ""
        if found.is_free:
            return "Answers cost nothing here, so no sum buys more of them."
        if found.can_err and not found.is_measured:
            return ""
        if found.can_err:
            why = (
                "The forecast is of answers that name the label or another one; here they come near it, and how much "
                "nearer more of them bring it depends on what the crowd gets wrong alike."
            )
        else:
            why = "Its answers can’t be listed, so how often further ones would change a label can’t be reckoned."
        return f"Not forecast for this kind of question. {why} Two audits tell, before and after more answers."

    @property
    def tested(self) -> str:
        gain = self.found.gain
        if gain is None:
            return ""
        trial = gain.tested
        if trial is None:
            return (
                f"Not tested: that takes {FEWEST_TASKS} items with {LEAST} answers or more, some of which are hidden, "
                "bought again and judged. Two audits tell, before and after more answers."
            )
        came_out = (
            f"Tested on the answers at hand, {len(trial.forecast)} times: from half of them a fifth more was forecast "
            f"to gain {trial.forecast.mean() * 100:+.2f} points and gained {trial.measured.mean() * 100:+.2f}, as "
            "judged by answers that no label was made of."
        )
        if gain.forecast is None:
            return (
                f"{came_out} Crowds drawn like this one, of which the truth is known, contradict that: workers are "
                "not as the method has them. Two audits tell, before and after more answers."
            )
        return (
            f"{came_out} The range is that of such errors, and of those in crowds drawn like this one, of which the "
            "truth is known; it holds if workers stay as they are and what most get wrong alike stays as it is."
        )

    def _money(self, minor: float) -> str:
        return money.show(round(minor), self.found.campaign.currency)


def _told(one: Interval) -> tuple[str, SafeString]:
    """Return value with interval, and its drawing."""
    if one.low is None or one.high is None:
        return f"{one.value:.2f} (no interval: no item says otherwise)", charts.span(*[max(0.0, one.value)] * 3)
    drawn = charts.span(max(0.0, one.low), max(0.0, one.value), max(0.0, one.high))
    return f"{one.value:.2f} ({one.low:.2f} to {one.high:.2f})", drawn
