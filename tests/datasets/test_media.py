"""Pictures, sounds and videos: what they are is seen from their bytes, and they are kept under names of ours."""

import io
import struct
import zlib
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from PIL import Image

from apps.datasets import queries, services, sniff
from apps.datasets.models import Import, Media
from tests.datasets.makers import FIRST_BYTES, bad, counts, imported, picture, rows, sound, wrote, zipped
from tests.factories import DatasetFactory

pytestmark = pytest.mark.django_db

PICTURES = {"x.jpg": "JPEG", "x.png": "PNG", "x.gif": "GIF", "x.webp": "WEBP", "x.bmp": "BMP"}


def kept(media: Media) -> bytes:
    with default_storage.open(media.storage_name) as file:
        return bytes(file.read())


def test_an_archive_of_media_alone_is_one_item_a_file(tmp_path: Path):
    files = {"cats/1.png": picture(), "talk.wav": sound(), "clip.webm": FIRST_BYTES["x.webm"]}

    job = imported(zipped(tmp_path, {**files, "__MACOSX/._1.png": b"x", "cats/.DS_Store": b"x", "empty/": b""}))

    assert (job.state, counts(job), job.files_read) == ("done", (3, 0, 0), 0)
    assert rows(job.dataset) == [
        ("cats/1.png", {"image": {"media": "cats/1.png"}}),
        ("talk.wav", {"audio": {"media": "talk.wav"}}),
        ("clip.webm", {"video": {"media": "clip.webm"}}),
    ]
    found = queries.media_of(job.dataset, files)
    assert {name: kept(media) for name, media in found.items()} == files


@pytest.mark.parametrize("name", ["items.csv", "items.jsonl"])
@pytest.mark.parametrize("base", ["", "export/"])
@pytest.mark.parametrize("container", ["zip", "folder"])
def test_media_with_a_list_of_items_are_what_the_list_says(tmp_path: Path, name: str, base: str, container: str):
    lists = {
        "items.csv": "external_id,question,image\na,Which?,cats/1.png\nb,Which?,no picture\n",
        "items.jsonl": '{"external_id": "a", "question": "Which?", "image": {"media": "cats/1.png"}}\n'
        '{"external_id": "b", "question": "Which?", "image": "no picture"}\n',
    }
    entries: dict[str, bytes | str] = {f"{base}{name}": lists[name], f"{base}cats/1.png": picture()}
    if container == "folder":
        for entry, content in entries.items():
            wrote(tmp_path / "media", entry, content)

    job = imported(zipped(tmp_path, entries) if container == "zip" else tmp_path / "media")

    assert (job.state, counts(job), job.files_read, bad(job)) == ("done", (2, 0, 0), 1, [])
    assert rows(job.dataset) == [
        ("a", {"question": "Which?", "image": {"media": "cats/1.png"}}),
        ("b", {"question": "Which?", "image": "no picture"}),
    ]


def test_a_bad_row_of_the_list_tells_the_file_and_the_line(tmp_path: Path):
    job = imported(zipped(tmp_path, {"items.csv": "text,n\na\nb,2\n", "note.txt": "hello"}))

    assert [(file, line) for file, line, _ in bad(job)] == [("items.csv", 2), ("note.txt", 2)]
    assert counts(job) == (1, 0, 2)


def test_two_lists_of_items_are_refused(tmp_path: Path):
    job = imported(zipped(tmp_path, {"items.csv": "a\n1\n", "items.jsonl": '{"a":1}'}))

    assert job.problem == "'media.zip' has two lists of items: 'items.csv' and 'items.jsonl'"


def test_columns_declared_as_media_must_name_media_and_others_may(tmp_path: Path):
    dataset = imported(zipped(tmp_path, {"1.png": picture()})).dataset
    table = "external_id,scan,left_image,text\na,1.png,1.png,1.png\nb,2.png,1.png,x\nc,,,x\n"

    job = imported(wrote(tmp_path, "x.csv", table), dataset, media_columns=["scan"])

    assert dict(rows(dataset))["a"] == {"scan": {"media": "1.png"}, "left_image": {"media": "1.png"}, "text": "1.png"}
    assert dict(rows(dataset))["c"] == {"scan": "", "left_image": "", "text": "x"}
    assert bad(job) == [("", 3, "field 'scan' names '2.png', but the dataset has no media of that name")]


def test_a_value_of_media_may_have_an_alternative_and_captions_that_are_there(tmp_path: Path):
    entries = {"a.wav": sound(), "a.vtt": b"WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n"}
    good = '{"sound": {"media": "a.wav", "alt": "A greeting", "captions": "a.vtt", "lang": "en"}}\n'

    job = imported(zipped(tmp_path, {**entries, "items.jsonl": good + good.replace("a.vtt", "b.vtt")}))

    assert counts(job) == (1, 0, 1)
    assert "names 'b.vtt'" in bad(job)[0][2]


def test_captions_alone_are_no_item(tmp_path: Path):
    job = imported(zipped(tmp_path, {"a.wav": sound(), "a.vtt": b"WEBVTT\n"}))

    assert counts(job) == (1, 0, 1)
    assert "captions, which are no item by themselves" in bad(job)[0][2]


@pytest.mark.parametrize("name", PICTURES)
def test_every_kind_of_picture_is_known_and_decoded(tmp_path: Path, name: str):
    job = imported(zipped(tmp_path, {name: picture(PICTURES[name])}))

    assert bad(job) == []
    assert sniff.SUFFIX[Media.objects.get().content_type] == name.removeprefix("x.")


@pytest.mark.parametrize("name", FIRST_BYTES)
def test_every_kind_of_sound_and_video_is_known_by_its_first_bytes(tmp_path: Path, name: str):
    job = imported(zipped(tmp_path, {name: FIRST_BYTES[name]}))

    assert bad(job) == []
    assert sniff.SUFFIX[Media.objects.get().content_type] == name.rpartition(".")[2]


NO_MEDIA = {
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "is HTML, SVG or XML"),
    "xml": (b"\xef\xbb\xbf <?xml version='1.0'?><svg/>", "is HTML, SVG or XML"),
    "html": (b"\n<!DOCTYPE html><script>alert(1)</script>", "is HTML, SVG or XML"),
    "nothing": (b"", "is empty"),
    "text": (b"hello", "it starts with the bytes 68 65 6C 6C 6F"),
    "program": (b"\x7fELF" + bytes(60), "is not a JPEG, PNG"),
    "archive": (b"PK\x03\x04" + bytes(60), "is not a JPEG, PNG"),
    "heic": (b"\0\0\0\x20ftypheic" + bytes(20), "is not a JPEG, PNG"),
    "theora": (b"OggS\0\2" + bytes(22) + b"\x80theora", "is not a JPEG, PNG"),
    "matroska": (b"\x1a\x45\xdf\xa3\x9f\x42\x82\x88matroska", "is not a JPEG, PNG"),
    "avi": (b"RIFF\0\0\0\0AVI LIST", "is not a JPEG, PNG"),
    "one frame that could be MP3": (b"\xff\xfb\x90\x64" + bytes(800), "is not a JPEG, PNG"),
    "a sound by another name": (sound(), "holds audio/wav, which its name does not say; it should end in .wav"),
    "a picture cut short": (picture("JPEG", size=(300, 300))[:500], "is a broken JPEG picture"),
    "a picture's first bytes": (b"\x89PNG\r\n\x1a\n" + b"<script>alert(1)</script>", "is a broken PNG picture"),
}


@pytest.mark.parametrize("case", NO_MEDIA)
def test_what_is_no_media_is_refused_whatever_its_name_says(tmp_path: Path, case: str):
    content, reason = NO_MEDIA[case]

    job = imported(zipped(tmp_path, {"cat.png": content, "good.png": picture()}))

    assert counts(job) == (1, 0, 1)
    [(file, _, told)] = bad(job)
    assert file == "cat.png"
    assert reason in told
    assert Media.objects.count() == 1


def bomb(width: int, height: int) -> bytes:
    """Return a PNG of a few bytes that says it is so large."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("size", [(8_000, 8_000), (10_000, 10_000), (60_000, 60_000)])
def test_a_picture_of_too_many_pixels_is_refused_undecoded(tmp_path: Path, size: tuple[int, int]):
    job = imported(zipped(tmp_path, {"big.png": bomb(*size), "good.png": picture()}))

    assert counts(job) == (1, 0, 1)
    assert "pixels" in bad(job)[0][2]
    assert "50,000,000" in bad(job)[0][2]


def test_the_same_name_with_the_same_bytes_is_known_and_with_others_bad(tmp_path: Path):
    dataset = imported(zipped(tmp_path, {"1.png": picture(color=1), "2.png": picture(color=2)})).dataset

    job = imported(zipped(tmp_path, {"1.png": picture(color=1), "2.png": picture(color=3)}), dataset)

    assert counts(job) == (0, 1, 1)
    assert bad(job) == [
        ("2.png", 2, "has the name of media that the dataset has already, but other bytes; the first one stays")
    ]
    assert kept(queries.media_of(dataset, ["2.png"])["2.png"]) == picture(color=2)


def test_no_name_of_a_user_is_a_name_in_the_storage(tmp_path: Path):
    imported(zipped(tmp_path, {"secret-project.png": picture()}))

    media = Media.objects.get()
    assert media.name == "secret-project.png"
    assert media.storage_name == f"{media.pk.hex[:2]}/{media.pk.hex}"
    assert (media.size, media.content_type) == (len(picture()), "image/png")


def test_two_datasets_keep_their_files_apart(tmp_path: Path):
    path = zipped(tmp_path, {"1.png": picture()})

    imported(path)
    imported(path)

    assert len({media.storage_name for media in Media.objects.all()}) == 2


class Killed(BaseException):
    pass


def test_an_archive_killed_midway_goes_on_and_leaves_no_file_behind(tmp_path: Path):
    entries = {f"{n}.png": picture(color=n) for n in range(9)}
    path = zipped(tmp_path, {"items.jsonl": "\n".join(f'{{"image": "{name}"}}' for name in entries), **entries})
    job = services.start_import(DatasetFactory(), path=path)
    before = _stored()

    def kill(job: Import) -> None:
        raise Killed

    for _ in range(4):
        with pytest.raises(Killed):
            services.run_import(job.pk, progress=kill, batch_rows=4)
    job = services.run_import(job.pk, batch_rows=4)

    assert (job.state, counts(job), job.files_read) == ("done", (9, 0, 0), 9)
    assert [data for _, data in rows(job.dataset)] == [{"image": {"media": name}} for name in entries]
    assert len(_stored() - before) == 9


def test_a_file_stored_just_before_a_kill_is_found_and_replaced(tmp_path: Path):
    path = zipped(tmp_path, {"1.png": picture()})
    dataset = DatasetFactory()
    first = imported(path, dataset)
    media = Media.objects.get()
    default_storage.delete(media.storage_name)
    default_storage.save(media.storage_name, io.BytesIO(b"half"))
    Media.objects.all().delete()
    first.dataset.items.all().delete()

    job = imported(path, dataset)

    assert counts(job) == (1, 0, 0)
    assert Media.objects.get().pk == media.pk
    assert kept(media) == picture()


def _stored() -> set[str]:
    folders, _ = default_storage.listdir("") if default_storage.exists("") else ([], [])
    return {f"{folder}/{name}" for folder in folders for name in default_storage.listdir(folder)[1]}


def test_a_large_picture_is_checked_in_little_memory(tmp_path: Path):
    buffer = io.BytesIO()
    Image.new("L", (6000, 6000)).save(buffer, "JPEG")

    assert counts(imported(zipped(tmp_path, {"big.jpg": buffer.getvalue()}))) == (1, 0, 0)
