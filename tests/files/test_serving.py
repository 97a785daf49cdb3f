"""Media over HTTP: to whoever holds a signed address, in whole or in part, and never as anything that runs."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import signing
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client

from apps.core import ids, rates
from apps.core.clock import now
from apps.datasets.models import Media
from apps.files import addresses
from tests.factories import DatasetFactory

pytestmark = pytest.mark.django_db

CONTENT = bytes(range(256)) * 1000
SHA256 = "ab" * 32


def stored(content: bytes = CONTENT, content_type: str = "video/mp4", **values: Any) -> Media:
    values = {"dataset": DatasetFactory(), "name": "clip.mp4", "sha256": SHA256} | values
    media = Media.objects.create(content_type=content_type, size=len(content), **values)
    default_storage.save(media.storage_name, ContentFile(content))
    return media


def address(media: Media) -> str:
    return addresses.of([media.pk])[media.pk]


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_a_signed_address_opens_the_file_without_a_session(client: Client):
    media = stored()

    response = client.get(address(media))

    assert response.status_code == 200
    assert body(response) == CONTENT
    assert not response.cookies
    assert "Cookie" not in response.headers.get("Vary", "")
    assert response.headers["Content-Length"] == str(len(CONTENT))
    assert response.headers["Content-Type"] == "video/mp4"
    assert response.headers["ETag"] == f'"{SHA256}"'
    assert response.headers["Accept-Ranges"] == "bytes"
    assert response.headers["Cache-Control"] == "private, max-age=21600, immutable"
    assert response.headers["Content-Disposition"] == f'inline; filename="{media.pk.hex}.mp4"'


def test_s9_who_asks_too_often_is_told_when_to_come_again_and_a_page_of_fifty_pictures_is_not(client: Client, settings):
    rates.forget()
    there = address(stored())
    page = [client.head(there, REMOTE_ADDR="127.0.0.8").status_code for _ in range(50)]
    settings.API_RATES = settings.API_RATES | {"file": [0.01, 2]}

    answers = [client.head(there, REMOTE_ADDR="127.0.0.9") for _ in range(3)]

    assert set(page) == {200}
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[-1]["Retry-After"]) >= 1
    rates.forget()


def test_nothing_that_is_sent_can_run_or_be_guessed_at(client: Client):
    good, odd = stored(), stored(b"<script>alert(1)</script>", "text/html")

    answers = [client.get(address(good)), client.get(address(odd)), client.get("/files/forged")]

    for answer in answers:
        body(answer)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answers[1].headers["Content-Type"] == "application/octet-stream"
    assert answers[1].headers["Content-Disposition"].startswith("attachment; ")


@pytest.mark.parametrize(
    ("header", "start", "stop"),
    [("bytes=0-99", 0, 100), ("bytes=70000-", 70_000, 256_000), ("bytes=-5", 255_995, 256_000)],
)
def test_a_part_is_sent_as_a_player_asks_for_it(client: Client, header: str, start: int, stop: int):
    response = client.get(address(stored()), headers={"Range": header})

    assert response.status_code == 206
    assert body(response) == CONTENT[start:stop]
    assert response.headers["Content-Range"] == f"bytes {start}-{stop - 1}/256000"
    assert response.headers["Content-Length"] == str(stop - start)


def test_a_part_outside_of_the_file_is_refused_with_its_length(client: Client):
    response = client.get(address(stored()), headers={"Range": "bytes=256000-"})

    assert response.status_code == 416
    assert response.headers["Content-Range"] == "bytes */256000"


def test_a_part_of_another_version_is_answered_with_the_whole(client: Client):
    where = address(stored())

    same = client.get(where, headers={"Range": "bytes=0-9", "If-Range": f'"{SHA256}"'})
    other = client.get(where, headers={"Range": "bytes=0-9", "If-Range": '"other"'})

    assert (same.status_code, len(body(same))) == (206, 10)
    assert (other.status_code, len(body(other))) == (200, 256_000)


@pytest.mark.parametrize("tag", [f'"{SHA256}"', f'W/"{SHA256}"', f'"x", "{SHA256}"', "*"])
def test_who_has_the_file_already_is_not_sent_it(client: Client, tag: str):
    response = client.get(address(stored()), headers={"If-None-Match": tag})

    assert (response.status_code, response.content) == (304, b"")


def test_head_tells_what_get_would_send(client: Client):
    where = address(stored())

    whole, part = client.head(where), client.head(where, headers={"Range": "bytes=0-9"})

    assert (whole.status_code, whole.headers["Content-Length"], body(whole)) == (200, "256000", b"")
    assert (part.status_code, part.headers["Content-Length"], body(part)) == (206, "10", b"")


def test_other_methods_are_refused(client: Client):
    assert client.post(address(stored())).status_code == 405


def test_an_address_expires(client: Client, settings: Any):
    where = address(stored())

    with time_machine.travel(now() + timedelta(seconds=settings.MEDIA_ADDRESS_SECONDS + 2)):
        response = client.get(where)

    assert response.status_code == 410
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "change",
    [
        lambda media: media.pk.hex,
        lambda media: address(media)[7:-1],
        lambda media: signing.TimestampSigner(salt="elsewhere").sign(media.pk.hex),
        lambda media: address(media)[7:].replace(media.pk.hex, ids.new_token().hex),
        lambda media: addresses.of([ids.new_token()]).popitem()[1][7:],
        lambda media: signing.TimestampSigner(salt="files.media").sign("no id"),
    ],
    ids=["unsigned", "cut", "signed for something else", "of another file", "of no file", "of no id"],
)
def test_a_forged_address_opens_nothing(client: Client, change: Callable[[Media], str]):
    media = stored()

    assert client.get(f"/files/{change(media)}").status_code == 404


def test_a_file_that_the_storage_lost_is_missing(client: Client, caplog: pytest.LogCaptureFixture):
    media = stored()
    default_storage.delete(media.storage_name)

    assert client.get(address(media)).status_code == 404
    assert str(media.pk) in caplog.text


def test_items_get_the_addresses_of_their_media_by_name_in_one_query(client: Client, django_assert_num_queries: Any):
    dataset = DatasetFactory()
    cat, captions = stored(dataset=dataset, name="cat.mp4"), stored(dataset=dataset, name="cat.vtt")
    stored(name="dog.mp4")
    data = [
        {"text": "cat.mp4", "video": {"media": "cat.mp4", "captions": "cat.vtt"}},
        {"video": {"media": "dog.mp4"}, "n": 1, "none": None},
    ]

    with django_assert_num_queries(1):
        found = addresses.addresses_for(dataset, data)

    assert found.keys() == {"cat.mp4", "cat.vtt"}
    assert addresses.read(found["cat.mp4"].rpartition("/")[2]) == (cat.pk, None, False)
    assert addresses.read(found["cat.vtt"].rpartition("/")[2]) == (captions.pk, None, False)
    assert body(client.get(found["cat.mp4"])) == CONTENT
