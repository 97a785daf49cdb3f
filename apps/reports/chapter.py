"""What the page says of one campaign: a portrait in words and drawings, for the template."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.utils.safestring import SafeString

from apps.campaigns.models import Campaign
from apps.core import markdown, money
from apps.reports import charts
from apps.reports.evidence import evidence
from apps.reports.evidence.view import EvidenceView
from apps.reports.intervals import Share
from apps.reports.portrait import Portrait
from apps.reports.portrait.crowd import Labourer, pseudonym

METHODS = {
    "dawid_skene": "Dawid-Skene",
    "majority": "majority vote",
    "ensemble": "the mean of four models",
    "ordinal": "a model of workers on a scale",
    "precision": "precision-weighted mean",
    "blend": "mean of the plain and the precision-weighted mean",
    "scale_blend": "mean of means and of a model of workers on a scale",
    "rover": "word-by-word vote (ROVER)",
}


@dataclass(frozen=True)
class Tile:
    """One headline figure: what it is, how much, and what to know about it."""

    name: str
    value: str
    note: str = ""
    span: SafeString | str = ""
    unit: str = ""


@dataclass(frozen=True)
class Row:
    """One worker as the table shows them."""

    worker: Labourer
    gold: str
    skill: str
    span: SafeString | str
    earned: str


class Chapter:
    """Wraps a portrait; every property is something that the template shows as it is."""

    def __init__(self, portrait: Portrait) -> None:
        self.portrait = portrait
        self.campaign: Campaign = portrait.campaign
        self.now = portrait.summary.progress

    @property
    def lead(self) -> str:
        now = self.now
        if not now.labels:
            return f"No label yet: {now.judgments_made:,} of {now.judgments_wanted:,} answers are in."
        return (
            f"{now.labels:,} {_plural('label', now.labels)} from {now.judgments_made:,} answers "
            f"by {self.workers:,} {_plural('worker', self.workers)}, for {money.show(now.spent, now.currency)}."
        )

    @cached_property
    def evidence(self) -> EvidenceView:
        return EvidenceView(evidence(self.campaign), lambda worker: f"Worker {pseudonym(self.campaign, worker.pk)}")

    @property
    def workers(self) -> int:
        return len(self.portrait.crowd.shown) + self.portrait.crowd.others

    @cached_property
    def tiles(self) -> list[Tile]:
        return [*self._quality(), *self._effort()]

    @property
    def method(self) -> str:
        methods = self.portrait.methods or [self.campaign.method]
        return " and ".join(METHODS.get(method, method) for method in methods)

    @property
    def asked(self) -> str:
        campaign = self.campaign
        return (
            f"{campaign.redundancy} to {campaign.most_judgments}" if campaign.is_adaptive else f"{campaign.redundancy}"
        )

    @property
    def price(self) -> str:
        of = self.campaign
        more = [f", {money.show(t['price'], of.currency)} from a skill of {t['skill']:.0%}" for t in of.pay_tiers]
        return money.show(of.price, of.currency) + "".join(more)

    @property
    def guidelines(self) -> list[tuple[int, SafeString]]:
        return [(one.version, markdown.render(one.text, below=4)) for one in self.portrait.guidelines]

    @property
    def budget(self) -> str:
        return money.show(self.now.budget, self.now.currency)

    @cached_property
    def rows(self) -> list[Row]:
        return [self._row(worker) for worker in self.portrait.crowd.shown]

    # Drawings

    @property
    def matrix(self) -> SafeString | None:
        found = self.portrait.against.matrix if self.portrait.against else None
        return charts.counted(found, title="Labels against the truth, as a heat map") if found else None

    @property
    def single(self) -> SafeString | None:
        found = self.portrait.against.single if self.portrait.against else self.portrait.matrix
        return charts.counted(found, title=f"Single answers against the {found.rows}") if found else None

    @property
    def calibration(self) -> SafeString | None:
        if not self.portrait.against or not self.portrait.against.bins:
            return None
        return charts.calibration(self.portrait.against.bins, title="Confidence of labels against their accuracy")

    @property
    def calibrated(self) -> str:
        """A sentence on how far confidence can be believed."""
        found = self.portrait.against
        if not found or not found.labels:
            return ""
        apart = found.confidence - found.labels.share
        if abs(apart) < 0.01:
            verdict = "It can be taken at its word"
        else:
            verdict = f"It is {abs(apart) * 100:.1f} points too {'high' if apart > 0 else 'low'}"
        return (
            f"On average labels claim to be {found.confidence:.1%} sure, and {found.labels.share:.1%} are right. "
            f"{verdict}; from bin to bin it is {found.gap * 100:.1f} points off."
        )

    @property
    def votes(self) -> SafeString | None:
        if len(self.portrait.votes_per_item) < 2:  # all items have as many: the headline says it
            return None
        return charts.columns(self.portrait.votes_per_item, title="Items by number of answers", unit="answers an item")

    @property
    def confidences(self) -> SafeString | None:
        if len(self.portrait.confidences) < 2:
            return None
        return charts.columns(self.portrait.confidences, title="Labels by confidence", unit="confidence of at least")

    @property
    def growth(self) -> SafeString | None:
        grown = self.portrait.growth
        if grown is None:
            return None
        same_day = grown.first.date() == grown.last.date()
        pattern = "%H:%M:%S" if same_day else "%-d %b %H:%M"
        return charts.area(
            grown.totals,
            first=grown.first.strftime(pattern),
            last=grown.last.strftime(pattern),
            title="Answers over time",
        )

    @property
    def labels(self) -> list[tuple[str, str, float]]:
        """The labels with their counts and how long their bars are, in per cent of the longest."""
        most = max((count for _, count in self.portrait.labels), default=0) or 1
        return [(name, f"{count:,}", 100 * count / most) for name, count in self.portrait.labels]

    # Parts

    def _quality(self) -> Sequence[Tile]:
        tiles = []
        if (found := self.portrait.against) and found.labels:
            tiles.append(_share("Accuracy", found.labels, f"of {found.labels.total:,} labels with known truth"))
            if found.answers:
                note = f"single answers; combining them gained {_points(found.labels.share - found.answers.share)}"
                tiles.append(Tile("Before combining", f"{found.answers.share:.1%}", note))
        if gold := self.now.gold:
            tiles.append(_share("Gold accuracy", gold, f"of {gold.total:,} answers to questions with known answers"))
        if self.now.percent_agreement is not None:
            tiles.append(Tile("Agreement", f"{self.now.percent_agreement:.1%}", f"of pairs of answers{self._alpha()}"))
        return tiles

    def _alpha(self) -> str:
        now = self.now
        if now.agreement is None:
            return ""
        interval = (
            f" ({now.agreement_low:.2f} to {now.agreement_high:.2f})"
            if now.agreement_low is not None and now.agreement_high is not None
            else ""
        )
        return f"; Krippendorff’s α {now.agreement:.2f}{interval}"

    def _effort(self) -> Sequence[Tile]:
        now, summary = self.now, self.portrait.summary
        left = f"{now.items - now.labels:,} still open" if now.items > now.labels else "every item has one"
        broken = f"; {now.broken:,} broken" if now.broken else ""
        out = f"; {now.left_out:,} more not asked, without a suggestion to show" if now.left_out else ""
        tiles = [Tile("Labels", f"{now.labels:,}", f"of {now.items:,} items; {left}{broken}{out}")]
        if summary.judgments_per_label is not None:
            tiles.append(
                Tile("Answers", f"{now.judgments_made:,}", f"{summary.judgments_per_label:.1f} for each label")
            )
        if summary.cost_per_label is not None:
            note = f"{_finely(summary.cost_per_label, now.currency)} for each label"
            tiles.append(_money("Cost", now.spent, now.currency, note))
        if summary.hourly is not None:
            note = "by the time that pages were in hand"
            tiles.append(_money("An hour earned", summary.hourly, now.currency, note))
        return tiles

    def _row(self, worker: Labourer) -> Row:
        skill = worker.skill
        return Row(
            worker,
            gold=f"{skill.gold_right:g} / {skill.gold_answers}" if skill and skill.gold_answers else "–",
            skill=f"{skill.mean:.0%}" if skill else "–",
            span=charts.span(skill.low, skill.mean, skill.high) if skill else "",
            earned=money.show(worker.earned, self.campaign.currency),
        )


def _share(name: str, share: Share, note: str) -> Tile:
    return Tile(
        name,
        f"{share.share:.1%}",
        f"{share.low:.1%} to {share.high:.1%}, {note}",
        charts.span(share.low, share.share, share.high),
    )


def _money(name: str, minor: int, currency: str, note: str) -> Tile:
    return Tile(name, f"{money.to_decimal(minor, currency):,f}", note, unit=currency)


def _points(difference: float) -> str:
    return f"{difference * 100:+.1f} points"


def _finely(minor: float, currency: str) -> str:
    """Write an amount with two decimals more than the currency has."""
    places = money.decimals(currency) + 2
    return f"{minor / 10 ** money.decimals(currency):,.{places}f} {currency}"


def _plural(noun: str, count: int) -> str:
    return noun if count == 1 else f"{noun}s"
