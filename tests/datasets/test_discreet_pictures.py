"""S3: pictures are shown to strangers, and tell them nothing of place, time and people."""

import io
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from PIL import Image, ImageChops, ImageStat, PngImagePlugin

from apps.datasets.models import Media
from tests.datasets.makers import counts, imported, zipped

pytestmark = pytest.mark.django_db

GPS, ORIENTATION, ARTIST = 0x8825, 0x0112, 0x013B
FORMATS = {"x.jpg": "JPEG", "x.png": "PNG", "x.webp": "WEBP"}


def snapshot(form: str, *, telling: bool = True) -> bytes:
    """Return a picture as a camera writes it: turned, with an author and the place.

    Its noise is another one each time, of some 16 grey levels: little enough to be nowhere cut off at black or white.
    """
    picture = Image.effect_noise((64, 48), 16).convert("RGB")
    exif = Image.Exif()
    if telling:
        exif[ORIENTATION], exif[ARTIST] = 6, "Ada Lovelace"
        exif[GPS] = {1: "N", 2: (48.0, 8.0, 14.0), 3: "E", 4: (11.0, 34.0, 31.0)}
    file = io.BytesIO()
    more = {"exif": exif.tobytes()} if telling else {}
    picture.save(file, form, icc_profile=b"a colour profile", quality=90, **more)
    return file.getvalue()


def stored(folder: Path, name: str, content: bytes) -> tuple[Media, bytes]:
    job = imported(zipped(folder, {name: content}))
    assert counts(job) == (1, 0, 0)
    media = Media.objects.get(dataset=job.dataset)
    with default_storage.open(media.storage_name) as file:
        return media, file.read()


@pytest.mark.parametrize("name", FORMATS)
def test_a_picture_is_kept_without_its_place_and_its_author_and_stays_the_right_way_up(tmp_path, name):
    before = snapshot(FORMATS[name])

    media, after = stored(tmp_path, name, before)

    assert b"Lovelace" in before
    assert b"Lovelace" not in after
    picture, shown = Image.open(io.BytesIO(before)), Image.open(io.BytesIO(after))
    assert dict(shown.getexif()) == {ORIENTATION: 6}
    assert shown.info["icc_profile"] == b"a colour profile"
    assert media.size == len(after)
    differing = ImageChops.difference(picture.convert("RGB"), shown.convert("RGB"))
    assert max(ImageStat.Stat(differing).mean) <= (0.1 if name == "x.jpg" else 0)  # of 255; a JPEG is rounded anew
    assert getattr(shown, "quantization", None) == getattr(picture, "quantization", None)


def test_of_the_pictures_that_a_phone_put_into_one_file_the_first_is_kept_without_its_notes(tmp_path):
    file, exif = io.BytesIO(), Image.Exif()
    exif[ARTIST] = "Ada Lovelace"
    first, second = (Image.new("RGB", (64, 48), colour) for colour in ("red", "green"))
    first.save(file, "MPO", save_all=True, append_images=[second], exif=exif.tobytes())

    _, after = stored(tmp_path, "x.jpg", file.getvalue())

    assert b"Lovelace" in file.getvalue()
    assert b"Lovelace" not in after
    assert Image.open(io.BytesIO(after)).getpixel((5, 5))[0] > 200


@pytest.mark.parametrize("name", FORMATS)
def test_a_picture_that_tells_nothing_is_kept_to_the_byte(tmp_path, name):
    before = snapshot(FORMATS[name], telling=False)

    assert stored(tmp_path, name, before)[1] == before


def test_what_an_editor_wrote_beside_the_pixels_is_not_kept(tmp_path):
    file = io.BytesIO()
    notes = PngImagePlugin.PngInfo()
    notes.add_itxt("XML:com.adobe.xmp", "<x:xmpmeta>Ada Lovelace</x:xmpmeta>")
    Image.new("RGB", (8, 8)).save(file, "PNG", pnginfo=notes)

    _, after = stored(tmp_path, "x.png", file.getvalue())

    assert b"Lovelace" not in after


def test_the_same_file_brought_in_again_is_known_although_it_was_kept_without_its_notes(tmp_path):
    before = snapshot("JPEG")
    first = imported(zipped(tmp_path, {"x.jpg": before}))

    again = imported(zipped(tmp_path, {"x.jpg": before}, name="again.zip"), dataset=first.dataset)

    assert counts(again)[2] == 0
    assert Media.objects.count() == 1
