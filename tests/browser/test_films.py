"""Media of items in a real browser: over signed addresses, in parts, so that a film can be wound on; blurred if warned.

`clip.webm` is twelve seconds of a white bar that grows from the left edge to the right one, in VP8, made by hand.
"""

from pathlib import Path

import pytest
from playwright.sync_api import Page, Response, expect

from apps.campaigns.models import Campaign
from apps.datasets.models import Dataset
from infra.pictures import drawing
from tests.browser.working import Visit, person, sees
from tests.datasets.makers import imported, zipped
from tests.factories import DatasetFactory
from tests.running import running

pytestmark = pytest.mark.django_db(transaction=True)
SEEK = """async (seconds) => {
    const film = document.querySelector("video");
    const told = (name) => new Promise((resolve) => film.addEventListener(name, resolve, { once: true }));
    if (film.readyState < 1) await told("loadedmetadata");
    const sought = told("seeked");
    film.currentTime = seconds;
    await sought;
    const canvas = document.createElement("canvas");
    canvas.width = film.videoWidth;
    canvas.height = film.videoHeight;
    const pen = canvas.getContext("2d");
    pen.drawImage(film, 0, 0);
    const row = pen.getImageData(0, 15, canvas.width, 1).data;
    const white = Array.from({ length: canvas.width }, (_, n) => row[n * 4]).filter((value) => value > 180).length;
    return [film.currentTime, film.duration, white / canvas.width];
}"""


def of_files(folder: Path, files: dict[str, bytes | str], rows: list[str], **values) -> Campaign:
    """Return a running campaign over the files of an archive."""
    dataset: Dataset = DatasetFactory()
    job = imported(zipped(folder, files | {"items.jsonl": "\n".join(rows)}), dataset)
    assert job.rows_bad == 0
    return running(dataset=dataset, items=0, page_size=1, **values)


def start(visit: Visit, campaign: Campaign) -> Page:
    page = visit(user=person(campaign), at=f"/work/{campaign.pk}/")
    page.get_by_role("button", name="Start").click()
    sees(page, "0 of 1 done")
    return page


def test_a_film_is_wound_on_and_only_a_part_of_it_is_sent(visit: Visit, tmp_path: Path):
    clip = (Path(__file__).parent / "clip.webm").read_bytes()
    row = '{"external_id": "1", "film": {"media": "clip.webm", "alt": "A bar that grows"}}'
    page = start(visit, of_files(tmp_path, {"clip.webm": clip}, [row]))
    parts: list[Response] = []
    page.on("response", lambda answer: parts.append(answer) if "/files/" in answer.url else None)
    page.reload()

    at, duration, white = page.evaluate(SEEK, 10.5)

    assert duration == pytest.approx(12, abs=0.2)
    assert at == pytest.approx(10.5, abs=0.2)
    assert 0.8 < white < 0.95
    assert {answer.status for answer in parts} == {206}


def test_what_a_content_warning_is_about_is_blurred_until_somebody_wants_to_see_it(visit: Visit, tmp_path: Path):
    files: dict[str, bytes | str] = {"a.png": drawing.bowl((170, 40, 40)), "b.png": drawing.bowl((60, 90, 160))}
    rows = [f'{{"external_id": "{n}", "picture": {{"media": "{n}.png", "alt": "A bowl"}}}}' for n in "ab"]
    campaign = of_files(tmp_path, files, rows, content_warning="Wounds")
    page = start(visit, campaign)
    picture = page.locator(".lc-place img")
    blurred = "element => getComputedStyle(element).filter.startsWith('blur')"
    expect(page.get_by_role("heading", name="Content warning: Wounds")).to_be_visible()
    assert picture.evaluate(blurred)

    page.get_by_label("Show it").check()
    assert not picture.evaluate(blurred)
    page.get_by_label("Show it").uncheck()
    page.get_by_label("Show everything here").check()
    assert not picture.evaluate(blurred)
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    expect(page.locator("#connection")).to_contain_text("Handed in")

    sees(page, "0 of 1 done")
    assert not picture.evaluate(blurred)


def test_who_saves_data_gets_small_pictures_and_the_large_one_by_a_link(visit: Visit, tmp_path: Path):
    rows = [f'{{"external_id": "{n}", "picture": {{"media": "x.png", "alt": "A crossing"}}}}' for n in range(2)]
    page = start(visit, of_files(tmp_path, {"x.png": drawing.crossing("red")}, rows))
    picture = page.locator(".lc-image")
    assert picture.evaluate("one => one.decode().then(() => one.naturalWidth)") == 960

    page.keyboard.press("?")
    page.get_by_label("Save data").check()
    page.reload()

    assert picture.evaluate("one => one.decode().then(() => one.naturalWidth)") == 640
    assert "small" not in (page.locator(".lc-zoom").get_attribute("href") or "small")
    page.keyboard.press("?")
    page.get_by_label("Save data").uncheck()
    page.reload()
    assert picture.evaluate("one => one.decode().then(() => one.naturalWidth)") == 960
