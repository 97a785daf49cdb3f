import pytest

from apps.kinds.base import BadAnswer
from apps.ledger.models import Budget
from apps.quality.models import Combination
from apps.reports.summary import accuracy, summary
from apps.reports.truth import answers_against
from tests.reports import crowd

pytestmark = pytest.mark.django_db


def test_accuracy_is_the_share_of_labels_that_the_truth_confirms() -> None:
    campaign = crowd.campaign()
    crowd.labelled(campaign, {"a": "cat", "b": "dog", "c": "cow", "not known": "cat"})

    found = accuracy(campaign, {"a": "cat", "b": "dog", "c": "cat", "not asked": "cow"})

    assert found is not None
    assert (found.right, found.total, found.share) == (2, 3, pytest.approx(2 / 3))
    assert 0 < found.low < found.share < found.high < 1


def test_accuracy_uses_the_score_of_the_kind() -> None:
    scale = {"question": "How?", "lowest": -4, "highest": 4, "tolerance": 1}
    campaign = crowd.campaign(kind="rating", settings=scale)
    crowd.labelled(campaign, {"a": 3, "b": 1})

    found = accuracy(campaign, {"a": 4, "b": 4})

    assert found is not None
    assert (found.right, found.total) == (1, 2)


def test_accuracy_of_nothing_is_nothing() -> None:
    campaign = crowd.campaign()
    crowd.labelled(campaign, {"a": "cat"})

    assert accuracy(campaign, {"b": "cat"}) is None


def test_a_truth_that_is_no_answer_is_refused() -> None:
    campaign = crowd.campaign()
    crowd.labelled(campaign, {"a": "cat"})

    with pytest.raises(BadAnswer, match="'horse'"):
        accuracy(campaign, {"a": "horse"})


def test_single_answers_are_counted_but_not_those_to_gold_or_on_rejected_pages() -> None:
    campaign = crowd.campaign()
    task, gold = crowd.task(campaign, "a"), crowd.task(campaign, "g", gold=["cat"])
    workers = [crowd.worker(campaign, f"w{n}") for n in range(4)]
    for who, answer in zip(workers, ("cat", "cat", "dog"), strict=False):
        crowd.judge(task, who, answer)
    crowd.judge(task, workers[3], "cow", counted=False)
    crowd.judge(gold, workers[0], "cat")

    found = [(one.answer, one.score, one.count) for one in answers_against(campaign, {"a": "cat", "g": "cat"})]

    assert found == [("cat", 1.0, 2), ("dog", 0.0, 1)]


def test_a_summary_tells_what_a_label_cost_and_what_an_hour_earned() -> None:
    campaign = crowd.campaign()
    crowd.labelled(campaign, {"a": "cat", "b": "dog"})
    Budget.objects.create(organization=campaign.organization, owner=campaign.key, currency="USD", amount=1000, spent=50)
    for amount in (20, 30):
        crowd.owe(campaign, crowd.worker(campaign, "w1"), amount)  # on a page of one minute each

    found = summary(campaign)

    assert found.cost_per_label == 25
    assert found.judgments_per_label == 1
    assert found.hourly == 1500


def test_the_printed_summary_leaves_out_what_is_not_known() -> None:
    campaign = crowd.campaign(budget=1000)
    crowd.labelled(campaign, {"a": "cat", "b": "dog"})

    bare = dict(summary(campaign).lines())
    Combination.objects.create(campaign=campaign, percent_agreement=0.75, alpha=0.5, alpha_low=0.4, alpha_high=0.6)
    full = dict(summary(campaign, {"a": "cat", "b": "cat"}).lines())

    assert bare == {
        "labels": "2 of 2 items", "judgments": "2 (1.0 a label)", "workers": "0", "cost": "0.00 USD of 10.00 USD"
    }  # fmt: skip
    assert full["accuracy"] == "50.0% (9.5% to 90.5%), 2 compared with the truth"
    assert full["agreement"] == "75.0% of pairs of answers, Krippendorff's alpha 0.50 (0.40 to 0.60)"
