"""R3: before a launch some of what workers would see is looked at, where it lies."""

from xml.sax.saxutils import escape

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from apps.datasets import heads, queries
from apps.datasets.models import Media
from apps.kinds import names, of
from apps.kinds.framed import FramedKind
from apps.ledger import services as ledger
from apps.pipeline import flow, media_checks, preflight
from apps.pipeline.findings import NotReady
from tests.canary import canary
from tests.datasets.makers import picture, sound
from tests.factories import ItemFactory, draft

pytestmark = pytest.mark.django_db
KIND = next(name for name in names() if isinstance(of(name), FramedKind))
PAGE = b"<!DOCTYPE html><title>503 Service Unavailable</title>"


def said(campaign, severity: str = "block") -> str:
    return "\n".join(found.sentence for found in media_checks.findings(campaign) if found.severity == severity)


def showing(campaign, name: str, content: bytes | None, *, came_as: bytes, content_type: str = "image/png") -> Media:
    """Add an item that shows a file; `content` is what the store holds of it now, None for nothing."""
    media = Media.objects.create(
        dataset=campaign.dataset, name=name, content_type=content_type, size=len(came_as), sha256="0" * 64
    )
    if content is not None:
        default_storage.save(media.storage_name, ContentFile(content))
    ItemFactory(dataset=campaign.dataset, data={"picture": {"media": name}})
    return media


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "is gone from the store"),
        (picture()[:-9], f"has {len(picture()) - 9} bytes in the store, and had {len(picture())}"),
        (b"", f"has 0 bytes in the store, and had {len(picture())}"),
        (bytes(len(picture())), "is not a JPEG, PNG"),
        (PAGE, "is HTML, SVG or XML"),
        (sound(), "holds audio/wav, and was image/png when it came"),
    ],
    ids=["gone", "cut short", "empty", "zeros", "an error page", "another file"],
)
def test_a_file_that_is_broken_in_the_store_blocks_and_is_named(content, problem):
    campaign = draft(items=0)
    showing(campaign, "good.png", picture(), came_as=picture())
    showing(campaign, "cat.png", content, came_as=picture())

    assert f"1 of 2 files looked at are broken: 'cat.png' {problem}" in said(campaign)


def test_whole_files_say_nothing():
    campaign = draft(items=0)
    showing(campaign, "good.png", picture(), came_as=picture())
    showing(campaign, "talk.wav", sound(), came_as=sound(), content_type="audio/wav")

    assert said(campaign) + said(campaign, "note") == ""


def test_a_field_that_workers_do_not_see_is_not_looked_at():
    campaign = draft(items=0, show=["text"])
    showing(campaign, "cat.png", None, came_as=picture())

    assert said(campaign) == ""


def test_of_many_broken_files_three_are_named_and_the_others_counted():
    campaign = draft(items=0)
    for n in range(5):
        showing(campaign, f"{n}.png", None, came_as=picture())

    assert "5 of 5 files looked at are broken: '0.png'" in said(campaign)
    assert said(campaign).endswith("; and 2 more")


def test_a_broken_file_keeps_the_campaign_from_being_launched():
    campaign = draft()
    ledger.deposit(campaign.organization, amount=campaign.budget, currency="USD", reference="1")
    showing(campaign, "cat.png", PAGE, came_as=picture())

    with pytest.raises(NotReady, match=r"'cat\.png' is HTML"):
        flow.launch(campaign)

    campaign.refresh_from_db()
    assert campaign.state == "draft"


def test_the_first_items_are_always_looked_at_and_of_the_others_some_every_time_others():
    campaign = draft(items=300)

    drawn = [{data["text"] for data in queries.some_items(campaign.dataset_id, first=3, more=20)} for _ in range(5)]

    first = [item.data["text"] for item in queries.items(campaign.dataset)[:3]]
    assert all({*first} <= texts and 3 < len(texts) <= 23 for texts in drawn)
    assert len(set.union(*drawn)) > 40


def test_a_store_that_hangs_is_waited_for_no_longer_than_is_said(monkeypatch):
    campaign = draft(items=0)
    showing(campaign, "cat.png", picture(), came_as=picture())
    monkeypatch.setattr(media_checks, "SECONDS", 0.2)

    with canary() as server:
        monkeypatch.setattr(heads, "reader", lambda: lambda media: server.let_go.wait(30))

        assert "1 of 1 files could not be looked at: there was no answer" in said(campaign, "note")


@pytest.fixture
def server(settings):
    with canary() as server:
        settings.OUTBOUND_HOSTS, settings.OUTBOUND_NETWORKS = ["127.0.0.1"], ["127.0.0.0/8"]
        settings.OUTBOUND_PORTS = [server.server_port]
        yield server


def question(name: str, content: str) -> str:
    schema = "http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas"
    date = {"ExternalQuestion": "2006-07-14", "HTMLQuestion": "2011-11-11"}[name]
    return f'<{name} xmlns="{schema}/{date}/{name}.xsd">{content}</{name}>'


def framing(server, path: str):
    """Return a campaign whose only item is a page that this server serves."""
    url = escape(f"http://127.0.0.1:{server.server_port}{path}")
    return framed(question("ExternalQuestion", f"<ExternalURL>{url}</ExternalURL><FrameHeight>0</FrameHeight>"))


def framed(xml: str):
    campaign = draft(kind=KIND, settings={"question": "Look."}, items=1, page_size=1)
    campaign.dataset.items.update(data={"question": xml})
    return campaign


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("/404", "answers 404"),
        ("/?X-Frame-Options=DENY", "forbids to be shown in a frame"),
        ("/?Content-Security-Policy=default-src+*;frame-ancestors+'self'", "forbids to be shown in a frame"),
    ],
)
def test_a_page_of_the_requesters_own_that_workers_could_not_see_blocks(server, path, problem):
    assert problem in said(framing(server, path))


@pytest.mark.parametrize(
    "path", ["/200", "/405", "/?Content-Security-Policy=frame-ancestors+https://*.test&X-Frame-Options=DENY"]
)
def test_a_page_that_can_be_shown_says_nothing(server, path):
    campaign = framing(server, path)

    assert list(media_checks.findings(campaign)) == []
    assert len(server.seen) == 1


def test_a_picture_from_elsewhere_that_is_not_there_or_none_blocks(server):
    base = f"http://127.0.0.1:{server.server_port}"
    html = f'<p><img src="{base}/404"><img src="{base}/?Content-Type=text/html"><img src="data:,"></p>'
    campaign = framed(
        question("HTMLQuestion", f"<HTMLContent>{escape(html)}</HTMLContent><FrameHeight>0</FrameHeight>")
    )

    assert "2 of 2 addresses looked at are broken" in said(campaign)
    assert "/404' answers 404" in said(campaign)
    assert "is text/html, and is shown as image" in said(campaign)


def test_where_requests_to_the_outside_are_off_it_is_said_that_nobody_looked():
    campaign = framed(of(KIND).examples.item["question"])

    assert said(campaign) == ""
    assert "1 of 1 addresses could not be looked at: requests to the outside are off" in said(campaign, "note")
    assert any("could not be looked at" in found.sentence for found in preflight.check(campaign))
