"""What speaks for labels: agreement, workers' confusions, audits, what answers bought and what more would gain."""

import numpy as np
import pytest

from apps.quality import services as quality
from apps.quality.models import Consensus
from apps.reports.charts import Point, curve
from apps.reports.evidence import evidence
from apps.reports.evidence.view import EvidenceView
from apps.reports.page import write_html
from apps.work import services as work
from apps.work.models import Judgment
from apps.workforce.models import Skill
from tests.factories import UserFactory
from tests.running import answered, handed_in, running, worker_of

pytestmark = pytest.mark.django_db
ANIMALS = ("cat", "dog", "cow")


def crowd(*, accuracies=(0.9, 0.85, 0.8, 0.3), items=40, **values):
    """Return a campaign that workers of these accuracies have judged, each all of it."""
    campaign = running(**{"items": items, "redundancy": len(accuracies), "page_size": items, "price": 400} | values)
    rng = np.random.default_rng(0)
    for accuracy in accuracies:
        worker = worker_of(campaign)
        page = work.lease(campaign, worker=worker)
        items_of = dict(page.places.values_list("token", "task__item_id"))
        answers = answered(page)
        for token, item in items_of.items():
            truth = item % 3
            said = truth if rng.random() < accuracy else int(rng.integers(3))
            answers[token.hex] = {"answer": ANIMALS[said]}
        work.submit(page.pk, worker=worker, answers=answers)
    quality.combine(campaign)
    return campaign


def test_agreement_has_intervals_and_one_confusion_matrix_for_each_of_the_least_skilled():
    campaign = crowd()

    found = evidence(campaign)

    assert [round(one.low, 9) <= one.value <= one.high for one in found.agreement.values()] == [True] * 3
    worst, matrix = found.workers[0]
    assert worst == Skill.objects.order_by("mean").first()
    assert np.sum(matrix.counts) == 40
    assert np.trace(matrix.counts) < 30
    assert np.sum(found.crowd.counts) == 160
    assert np.trace(found.crowd.counts) > 100
    view = EvidenceView(found, lambda worker: f"<{worker.pk}>")
    assert "gold does not tell yet" in view.believed
    assert view.workers[0][0].startswith(f"<{worst.worker_id}>: ")
    assert view.crowd[0] == "160 answers"


def test_where_all_agree_a_coefficient_that_no_item_bounds_is_shown_without_an_interval():
    found = evidence(crowd(accuracies=(1.0, 1.0), items=12))

    told = {name: text for name, text, _ in EvidenceView(found, str).agreement}
    assert told["Krippendorff’s α"] == "1.00 (no interval: no item says otherwise)"
    assert told["Percent agreement"].startswith("1.00 (0.7")


def test_more_answers_bring_labels_nearer_to_those_of_all_answers():
    found = evidence(crowd())

    same = [one.same for one in found.curve]
    cost = [one.cost for one in found.curve]
    assert len(same) == 3
    assert same[-1] > same[0]
    assert cost == pytest.approx([400, 800, 1200])


def test_another_hundred_is_forecast_with_an_interval_and_the_test_of_it_is_told():
    found = evidence(crowd()).gain

    assert found.answers == 1000  # of ten cents each
    assert found.forecast.low <= found.forecast.gain <= found.forecast.high
    view = EvidenceView(evidence(crowd()), str)
    assert "Another 100.00 USD buys 1,000 answers" in view.gain
    assert "10 times" in view.tested
    assert "as judged by answers that no label was made of" in view.tested
    assert view.not_forecast == ""


def test_where_items_have_too_few_answers_to_hide_some_no_interval_is_given_and_the_page_says_why():
    found = evidence(crowd(accuracies=(0.9, 0.85, 0.8)))

    assert found.gain.forecast is None
    view = EvidenceView(found, str)
    assert "points more labels right by the confidence that is shown. No honest interval" in view.gain
    assert "30 items with 4 answers or more" in view.tested


def test_what_a_hundred_buys_pays_for_gold_and_for_the_markets_fee_as_well(settings):
    settings.MTURK_FEES = [20, 0, 0, 0, 1]
    asked = {"gold": 5, "gold_share": 0.2, "early_gold": 2, "items": 45}
    own = crowd(**asked)
    offered = crowd(**asked, channel="mturk")
    judged = Judgment.objects.filter(campaign=own)

    share = judged.filter(task__gold=False).count() / judged.count()

    each = 400 / 45
    assert share < 0.95
    assert evidence(own).gain.answers == int(10_000 / each * share)
    assert evidence(offered).gain.answers == int(10_000 / (1.2 * each) * share)


def test_audits_are_drawn_round_by_round_and_confidence_is_said_to_be_corrected_by_them():
    campaign = crowd()
    view = EvidenceView(evidence(campaign), str)
    assert "Not calibrated: no round" in view.calibrated
    assert view.trend is None

    audit = quality.draw_audit(campaign, size=20)
    for row in audit.tasks.select_related("task"):
        quality.judge(row, truth=ANIMALS[row.task.item_id % 3], by=UserFactory())
    quality.combine(campaign)

    view = EvidenceView(evidence(campaign), str)
    assert "corrected by them" in view.calibrated
    assert "20 labels that an expert judged blind in round 1" in view.audited
    assert "<circle" in view.trend
    assert "<circle" in view.calibration


def test_the_picture_of_calibration_is_of_the_confidence_that_is_shown_now_and_not_of_what_was_claimed():
    campaign = crowd()
    audit = quality.draw_audit(campaign, size=20)
    for n, row in enumerate(audit.tasks.order_by("confidence", "pk")):
        right = row.answer if n % 2 else ANIMALS[(ANIMALS.index(row.answer) + 1) % 3]
        quality.judge(row, truth=right, by=UserFactory())
    quality.combine(campaign)

    found = evidence(campaign).honesty

    shown = Consensus.objects.filter(task__in=audit.tasks.values("task")).values_list("confidence", flat=True)
    assert min(shown) - 1e-9 <= min(one.confidence for one in found.bins)
    assert max(one.confidence for one in found.bins) <= max(shown) + 1e-9
    assert found.claimed > found.gap + 0.1


def test_a_campaign_without_answers_has_no_evidence_and_no_error():
    view = EvidenceView(evidence(running()), str)

    assert (view.agreement, view.crowd, view.workers, view.curve, view.gain) == ([], None, [], None, "")
    assert view.not_forecast == ""


def test_what_cannot_be_listed_has_agreement_but_no_matrices(tmp_path):
    settings = {"question": "What is said?"}
    campaign = running(kind="free_text", settings=settings, items=6, page_size=6, redundancy=2)
    for text in ("a red bird", "a red house"):
        handed_in(campaign, answer=text)
    quality.combine(campaign)

    found = evidence(campaign)

    assert found.agreement
    assert "share an error can’t be tested" in EvidenceView(found, str).believed
    assert not found.workers
    assert found.gain is None
    assert "can’t be listed, so how often further ones" in EvidenceView(found, str).not_forecast
    assert write_html([campaign], tmp_path / "page.html")


def test_on_a_scale_no_gain_is_forecast_as_answers_come_near_a_label_too_and_the_page_says_so(tmp_path):
    settings = {"question": "How good?", "lowest": 1, "highest": 5}
    campaign = running(kind="rating", settings=settings, items=20, page_size=20, redundancy=3, price=400)
    for point in (2, 3, 5):
        handed_in(campaign, answer=point)
    quality.combine(campaign)

    found = evidence(campaign)

    assert found.gain is None
    view = EvidenceView(found, str)
    assert view.gain == ""
    assert "here they come near it" in view.not_forecast
    write_html([campaign], tmp_path / "page.html")
    assert view.not_forecast in (tmp_path / "page.html").read_text()
    assert "Not calibrated: no round" in view.calibrated


@pytest.mark.parametrize("shares", [[0.5], [0.98, 0.985, 1.0], [0.0, 0.4, 1.0], [1.0, 1.0]])
def test_a_curve_never_leaves_its_frame(shares):
    points = [Point(n, share, max(0, share - 0.1), min(1, share + 0.1), str(n)) for n, share in enumerate(shares)]

    drawn = curve(points, title="Some", across="n", up="share")

    assert "110%" not in drawn
    assert "nan" not in drawn
    assert drawn.count("<circle") == len(shares)
