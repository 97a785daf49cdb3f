"""Media in a bucket of S3: kept there, and fetched from there by browsers, in whole or in part."""

from urllib.parse import urlsplit

import boto3
import pytest
import requests
from django.core.files.storage import default_storage
from moto import mock_aws

from apps.datasets import heads, sniff
from apps.datasets.models import Item, Media
from apps.files import addresses
from apps.monitor import health
from labelcrowd import bucket as buckets
from tests.datasets.makers import counts, imported, picture, zipped

pytestmark = pytest.mark.django_db


@pytest.fixture
def bucket(monkeypatch, settings):
    """A bucket of an S3 in this process, and media lie there."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        boto3.client("s3").create_bucket(Bucket="pictures")
        settings.MEDIA_BUCKET = "pictures"
        settings.STORAGES = {**settings.STORAGES, "default": buckets.storage("pictures")}
        yield boto3.resource("s3").Bucket("pictures")


def media(tmp_path, **values) -> Media:
    job = imported(zipped(tmp_path, {"x.png": picture()}), **values)
    assert counts(job) == (1, 0, 0)
    return Media.objects.get()


def test_an_import_keeps_media_in_the_bucket_under_names_of_ours(bucket, tmp_path):
    kept = media(tmp_path)

    assert [(each.key, each.get()["Body"].read()) for each in bucket.objects.all()] == [(kept.storage_name, picture())]


def test_a_browser_is_sent_to_the_bucket_by_a_signed_address_and_gets_our_type_and_parts(bucket, tmp_path, client):
    kept = media(tmp_path)

    sent = client.get(addresses.of([kept.pk])[kept.pk])
    whole = requests.get(sent["Location"], timeout=5)
    part = requests.get(sent["Location"], headers={"Range": "bytes=1-3"}, timeout=5)

    assert sent.status_code == 302
    assert "X-Amz-Signature=" in sent["Location"]
    assert (whole.content, whole.headers["Content-Type"]) == (picture(), "image/png")
    assert (part.status_code, part.content) == (206, picture()[1:4])


def test_a_half_written_file_of_a_killed_import_is_replaced(bucket, tmp_path):
    kept = media(tmp_path)
    bucket.Object(kept.storage_name).put(Body=b"half")
    Media.objects.all().delete()
    Item.objects.all().delete()

    media(tmp_path, dataset=kept.dataset)

    with default_storage.open(kept.storage_name) as file:
        assert file.read() == picture()


def test_a_bucket_that_is_gone_is_named_as_what_is_wrong(bucket, client):
    health.forget()
    bucket.delete()

    answer = client.get("/readyz")

    health.forget()
    assert answer.status_code == 503
    assert answer.json()["problems"].keys() == {"storage"}
    assert "NoSuchBucket" in answer.json()["problems"]["storage"]


def test_the_small_copy_that_there_is_not_is_remembered_in_the_bucket_too(bucket, tmp_path, client):
    kept = media(tmp_path)

    for _ in range(2):
        answer = client.get(f"{addresses.of([kept.pk])[kept.pk]}?small")
        assert f"{kept.storage_name}?" in answer["Location"]

    assert bucket.Object(f"{kept.storage_name}-small").content_length == 0


def test_of_a_file_in_the_bucket_only_the_head_is_fetched_and_its_size_with_it(bucket, tmp_path):
    kept = media(tmp_path)
    large = picture() + bytes(3_000_000)
    bucket.Object(kept.storage_name).put(Body=large)

    head = heads.reader()(kept)

    assert (head.size, head.content) == (len(large), large[: sniff.HEAD_BYTES])


def test_a_file_that_is_gone_from_the_bucket_or_empty_in_it_is_told_from_a_bucket_that_does_not_answer(
    bucket, tmp_path
):
    kept = media(tmp_path)
    read = heads.reader()

    bucket.Object(kept.storage_name).put(Body=b"")
    empty = read(kept)
    bucket.Object(kept.storage_name).delete()
    gone = read(kept)
    bucket.delete()

    assert (empty, gone) == ((0, b""), None)
    with pytest.raises(heads.Unread, match="NoSuchBucket"):
        read(kept)


@pytest.mark.parametrize("called", ["pictures", "pictures.example.org"])
@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1", "cn-north-1"])
@pytest.mark.parametrize("endpoint", ["", "http://127.0.0.1:9000", "https://objects.example.org"])
def test_pages_may_fetch_from_the_origin_that_addresses_are_signed_for(called, region, endpoint, monkeypatch, settings):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", endpoint)
    settings.STORAGES = {**settings.STORAGES, "default": buckets.storage(called)}

    signed = urlsplit(default_storage.url("x/y.png"))

    assert f"{signed.scheme}://{signed.netloc}" == buckets.origin(called)
    assert f"%2F{region}%2Fs3%2Faws4_request" in signed.query
    assert endpoint or region in f"us-east-1 {signed.netloc}", "what another region redirects is signed for nobody"
