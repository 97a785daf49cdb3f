import re
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

from apps.campaigns.models import Campaign
from apps.datasets.models import Media
from apps.quality.models import Combination
from apps.reports.page import write_html
from apps.reports.portrait import portrait
from apps.work.models import Seat
from apps.workforce.models import Skill
from tests.reports import crowd

pytestmark = pytest.mark.django_db
VOID = {"meta", "img", "br", "link", "input", "hr"}


class Page(HTMLParser):
    """Reads a page: its words, its tags, every address in it, and whether all that is opened is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: set[str] = set()
        self.addresses: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "srcset", "data", "action")]
        assert not [name for name, _ in attrs if name.startswith("on")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def page(tmp_path: Path, *campaigns: Campaign, **values: object) -> Page:
    write_html(campaigns, tmp_path / "report.html", **values)
    read = Page((tmp_path / "report.html").read_text())
    assert read.open == []
    return read


def finished(**values: object) -> Campaign:
    """Return a campaign with three labels, one of them wrong by TRUTH, and a skilled worker."""
    campaign = crowd.campaign(**values)
    crowd.labelled(campaign, {"a": "cat", "b": "dog"})
    hard = crowd.task(campaign, "c", data={"text": "What is c?"})
    for name, answer in (("w1", "cow"), ("w2", "cow"), ("w3", "cat")):
        crowd.judge(hard, crowd.worker(campaign, name), answer)
    crowd.label(hard, "cow", confidence=0.6, votes=3)
    who = crowd.worker(campaign, "w1")
    Seat.objects.create(campaign=campaign, worker=who, task_cursor=0, gold_cursor=0)
    Skill.objects.create(
        worker=who, scope=campaign.key, mean=0.8, low=0.6, high=0.9, gold_right=4, gold_answers=5,
        estimated_at=crowd.NOON,
    )  # fmt: skip
    Combination.objects.create(campaign=campaign, percent_agreement=0.75, alpha=0.5, final=True)
    return campaign


TRUTH = {"a": "cat", "b": "dog", "c": "cat"}


def test_the_page_needs_nothing_but_itself(tmp_path: Path) -> None:
    campaign = finished()

    read = page(tmp_path, campaign, truth={campaign.pk: TRUTH})

    assert not read.tags & {"script", "link", "iframe", "object", "embed", "form", "base"}
    assert [address for address in read.addresses if not address.startswith(("data:image/", "#"))] == []
    assert "url(" not in (tmp_path / "report.html").read_text()


def test_the_same_rows_give_the_same_page(tmp_path: Path) -> None:
    campaign = finished()
    with time_machine.travel("2026-07-01"):
        first = write_html([campaign], tmp_path / "first.html", truth={campaign.pk: TRUTH})
    with time_machine.travel("2027-08-09"):
        again = write_html([campaign], tmp_path / "again.html", truth={campaign.pk: TRUTH})

    assert first == again
    assert (tmp_path / "first.html").read_bytes() == (tmp_path / "again.html").read_bytes()


def test_it_tells_how_right_the_labels_are_where_the_truth_is_known(tmp_path: Path) -> None:
    campaign = finished()

    read = page(tmp_path, campaign, truth={campaign.pk: TRUTH})

    assert "Accuracy 66.7%" in read.text
    assert "20.8% to 93.9%, of 3 labels with known truth" in read.text
    assert "Before combining 60.0%" in read.text  # three of five single answers
    assert "cow ✗ truth: cat" in read.text
    assert "Does confidence mean what it says?" in read.text


def test_without_truth_it_claims_no_accuracy(tmp_path: Path) -> None:
    read = page(tmp_path, finished())

    assert "Gold accuracy 80.0%" in read.text
    assert "Agreement 75.0% of pairs of answers; Krippendorff’s α 0.50" in read.text
    assert "Where workers disagree" in read.text
    assert "with known truth" not in read.text
    assert "Does confidence mean what it says?" not in read.text


def test_nobody_can_be_recognised_on_it(tmp_path: Path) -> None:
    campaign = finished()
    who = crowd.worker(campaign, "w1")

    page(tmp_path, campaign)

    text = (tmp_path / "report.html").read_text()
    assert who.name not in text
    assert str(who.pk) not in text
    assert not re.search(r"\bw1\b", text)


def test_what_people_wrote_is_shown_as_text(tmp_path: Path) -> None:
    hostile = "<script>window.pwned=1</script><img src=x onerror=pwned()>"
    campaign = crowd.campaign(name=hostile, kind="free_text", settings={"question": hostile})
    task = crowd.task(campaign, hostile, data={hostile: hostile})
    crowd.judge(task, crowd.worker(campaign, "w1"), hostile)
    crowd.label(task, hostile)
    campaign.guidelines.update(text=hostile)

    read = page(tmp_path, campaign, truth={campaign.pk: {hostile: hostile}})

    assert not read.tags & {"script", "img"}
    assert hostile in read.text


def test_small_pictures_are_carried_in_the_page(tmp_path: Path) -> None:
    campaign = crowd.campaign()
    drawn = BytesIO()
    Image.new("L", (8, 8)).save(drawn, "png")
    media = Media.objects.create(
        dataset=campaign.dataset, name="a.png", content_type="image/png", size=len(drawn.getvalue()), sha256="-"
    )
    default_storage.save(media.storage_name, ContentFile(drawn.getvalue()))
    task = crowd.task(campaign, "a", data={"image": {"media": "a.png"}})
    crowd.judge(task, crowd.worker(campaign, "w1"), "cat")
    crowd.label(task, "cat")

    read = page(tmp_path, campaign)

    assert [address[:22] for address in read.addresses] == ["data:image/png;base64,"]


@pytest.mark.parametrize(
    ("kind", "settings", "answers"),
    [
        ("rating", {"question": "How?", "lowest": -4, "highest": 4}, {"a": -4, "b": 2}),
        ("number", {"question": "How many?", "least": 0, "most": 9}, {"a": 3, "b": 3}),
        ("multiple_choice", {"question": "Which?", "options": ["cat", "dog"]}, {"a": ["cat"], "b": ["cat", "dog"]}),
        ("free_text", {"question": "What does it say?"}, {"a": "this", "b": "that"}),
        ("pairwise", {"question": "Which is better?", "left": "x", "right": "y"}, {"a": "left", "b": "right"}),
    ],
)
def test_every_kind_has_a_page(kind: str, settings: dict, answers: dict, tmp_path: Path) -> None:
    campaign = crowd.campaign(kind=kind, settings=settings)
    crowd.labelled(campaign, answers)

    read = page(tmp_path, campaign, truth={campaign.pk: answers})

    assert "Accuracy 100.0%" in read.text


def test_a_campaign_without_answers_has_a_page_that_says_so(tmp_path: Path) -> None:
    campaign = crowd.campaign()
    crowd.task(campaign, "a", wanted=3)

    read = page(tmp_path, campaign, truth={campaign.pk: {"a": "cat"}})

    assert "No label yet: 0 of 3 answers are in." in read.text


def test_several_campaigns_share_a_page_in_the_order_given(tmp_path: Path) -> None:
    second, first = finished(name="Second"), finished(name="First")

    read = page(tmp_path, first, second, title="Both")

    assert [address for address in read.addresses if address.startswith("#")] == [f"#{first.pk}", f"#{second.pk}"]
    assert read.text.startswith("Both")


def test_the_hardest_items_come_first_with_their_votes() -> None:
    seen = portrait(finished())

    assert (seen.hardest[0].item, seen.hardest[0].votes) == ("c", [("cow", 2), ("cat", 1)])
    assert seen.hardest[0].text == "What is c?"


def test_a_worker_has_one_name_in_a_campaign_and_another_in_the_next() -> None:
    first, second = finished(), finished()
    again = portrait(first)
    task = crowd.task(second, "d")
    crowd.judge(task, crowd.worker(first, "w1"), "cat")

    names, others = ({one.name for one in seen.crowd.shown} for seen in (again, portrait(second)))

    assert len(names) == 3
    assert names == {one.name for one in portrait(first).crowd.shown}
    assert not names & others


def test_confusion_counts_what_was_said_by_what_is_true() -> None:
    seen = portrait(finished(), TRUTH)

    assert seen.against is not None
    assert seen.against.matrix is not None
    assert seen.against.single is not None
    assert list(seen.against.matrix.classes) == ["cat", "dog", "cow"]
    assert seen.against.matrix.counts == [[1, 0, 1], [0, 1, 0], [0, 0, 0]]
    assert seen.against.single.counts == [[2, 0, 2], [0, 1, 0], [0, 0, 0]]
    assert [(one.item, one.score) for one in seen.against.wrong] == [("c", 0.0)]
