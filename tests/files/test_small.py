"""Pictures for who saves data: a small copy, made once, where it saves something."""

import io
import threading

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

from apps.datasets import pictures
from apps.datasets.models import Media
from apps.files import addresses, small
from tests.factories import DatasetFactory

pytestmark = pytest.mark.django_db


def drawn(width: int, height: int, form: str = "PNG", mode: str = "RGB", **how) -> bytes:
    stream = io.BytesIO()
    Image.effect_noise((width, height), 90).convert(mode).save(stream, form, **how)
    return stream.getvalue()


def kept(content: bytes, content_type: str = "image/png") -> Media:
    media = Media.objects.create(
        dataset=DatasetFactory(), name="x", content_type=content_type, size=len(content), sha256="ab" * 32
    )
    default_storage.save(media.storage_name, ContentFile(content))
    return media


def comes_as(answer) -> str:
    b"".join(answer.streaming_content)  # a file that is read to its end is closed
    return str(answer["Content-Type"])


def asked(client, media: Media, **how):
    return client.get(f"{addresses.of([media.pk])[media.pk]}?small", **how)


@pytest.mark.parametrize(
    ("form", "mode"), [("PNG", "RGB"), ("PNG", "RGBA"), ("PNG", "P"), ("JPEG", "L"), ("JPEG", "CMYK"), ("WEBP", "RGB")]
)
def test_a_large_picture_comes_small_and_whole(client, form: str, mode: str):
    media = kept(drawn(1600, 900, form, mode), f"image/{form.lower()}")

    answer = asked(client, media)

    content = b"".join(answer.streaming_content)
    assert answer["Content-Type"] == "image/webp"
    assert int(answer["Content-Length"]) == len(content) < media.size / 2
    assert Image.open(io.BytesIO(content)).size == (640, 360)


def test_a_picture_taken_upright_stands_upright(client):
    turned = Image.Exif()
    turned[0x0112] = 6
    media = kept(drawn(1600, 900, "JPEG", exif=turned), "image/jpeg")

    assert Image.open(io.BytesIO(b"".join(asked(client, media).streaming_content))).size == (360, 640)


def test_it_is_made_once_and_has_a_tag_of_its_own(client):
    media = kept(drawn(1600, 900))
    first = asked(client, media)
    default_storage.delete(media.storage_name)

    again = asked(client, media)
    known = asked(client, media, headers={"If-None-Match": first["ETag"]})
    whole = client.get(addresses.of([media.pk])[media.pk], headers={"If-None-Match": first["ETag"]})

    assert b"".join(again.streaming_content) == b"".join(first.streaming_content)
    assert (known.status_code, whole.status_code) == (304, 404)


@pytest.mark.parametrize("mode", ["RGB", "I;16"])
def test_what_would_not_be_the_same_or_smaller_comes_as_it_is(client, mode: str):
    content = drawn(400, 300) if mode == "RGB" else drawn(1600, 900, mode="I;16")
    media = kept(content)

    answer = asked(client, media)

    assert answer["Content-Type"] == "image/png"
    assert b"".join(answer.streaming_content) == content


@pytest.mark.parametrize(
    ("form", "how", "comes"), [("PNG", {}, "image/png"), ("JPEG", {"progressive": True}, "image/jpeg"),
                               ("JPEG", {}, "image/webp")],
)  # fmt: skip
def test_of_more_pixels_than_a_web_process_should_hold_the_picture_itself_comes(client, monkeypatch, form, how, comes):
    monkeypatch.setattr(pictures, "MOST_HELD", 1_000_000)
    media = kept(drawn(1400, 1400, form, **how), f"image/{form.lower()}")

    assert comes_as(asked(client, media)) == comes


def test_that_there_is_no_small_copy_is_found_out_once(client, monkeypatch):
    media = kept(drawn(400, 300))
    whole = b"".join(asked(client, media).streaming_content)
    monkeypatch.setattr(Image, "open", lambda *_, **__: pytest.fail("it was decoded again"))

    assert b"".join(asked(client, media).streaming_content) == whole


def test_one_is_made_at_a_time_and_who_waits_too_long_gets_the_picture_itself(client, monkeypatch):
    monkeypatch.setattr(small, "PATIENCE_SECONDS", 0.01)
    media = kept(drawn(1600, 900))
    decoding, go_on = threading.Event(), threading.Event()

    def slow(*given, **how):
        decoding.set()
        go_on.wait(5)
        return None

    monkeypatch.setattr(pictures, "small", slow)
    other = threading.Thread(target=small.name, args=[kept(drawn(700, 700))])
    other.start()
    decoding.wait(5)

    meanwhile = asked(client, media)
    go_on.set()
    other.join()
    monkeypatch.undo()

    assert comes_as(meanwhile) == "image/png"
    assert comes_as(asked(client, media)) == "image/webp"


def test_sounds_have_no_small_copy(client):
    media = kept(b"RIFF and so on", "audio/wav")

    assert b"".join(asked(client, media).streaming_content) == b"RIFF and so on"


def test_without_its_file_a_picture_is_missing_small_too(client):
    media = kept(drawn(1600, 900))
    default_storage.delete(media.storage_name)

    assert asked(client, media).status_code == 404
