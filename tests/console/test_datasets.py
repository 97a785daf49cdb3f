"""Datasets in the admin: files come in, items are walked through, what was refused is told."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.core import clock
from apps.datasets.models import Import, Item
from apps.members.models import Role
from apps.pipeline import flow
from apps.pipeline import uploads as pipeline_uploads
from tests import belt
from tests.console.house import client_of, page
from tests.factories import DatasetFactory, ItemFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def uploads(settings, tmp_path):
    settings.UPLOAD_ROOT = tmp_path
    return tmp_path


def sent(name: str, content: bytes, **also: str) -> dict[str, object]:
    return {"file": SimpleUploadedFile(name, content), "media_columns": "", **also}


def test_a_file_that_is_sent_becomes_items():
    dataset = DatasetFactory()
    browser = client_of(dataset.organization, Role.REQUESTER)

    browser.post(page(dataset, "upload"), sent("animals.csv", b"external_id,text\na,Meow\nb,Moo\n"))
    belt.run()

    assert list(Item.objects.filter(dataset=dataset).values_list("external_id", flat=True)) == ["a", "b"]
    job = Import.objects.get()
    assert (job.file_name, job.state, job.started_by is not None) == ("animals.csv", "done", True)


def test_a_file_is_kept_until_its_rows_are_in_and_no_longer(uploads):
    dataset = DatasetFactory()
    browser = client_of(dataset.organization, Role.REQUESTER)

    browser.post(page(dataset, "upload"), sent("animals.csv", b"external_id,text\na,Meow\n"))
    assert len(list(uploads.iterdir())) == 1
    belt.run()

    assert list(uploads.iterdir()) == []


def test_what_a_killed_import_left_is_found_by_the_clock_and_what_is_still_wanted_stays(uploads):
    dataset = DatasetFactory()
    browser = client_of(dataset.organization, Role.REQUESTER)
    for name in ("waiting.csv", "done.csv"):
        browser.post(page(dataset, "upload"), sent(name, b"external_id,text\na,Meow\n"))
    Import.objects.filter(file_name="done.csv").update(state="done", finished_at=clock.now())

    assert pipeline_uploads.clear() == 1

    assert Path(Import.objects.get(file_name="waiting.csv").path).exists()


def test_a_file_of_somebodys_own_is_never_removed(tmp_path, settings):
    settings.UPLOAD_ROOT = tmp_path / "uploads"
    own = tmp_path / "mine" / "animals.csv"
    own.parent.mkdir()
    own.write_bytes(b"external_id,text\na,Meow\n")

    flow.bring_in(DatasetFactory(), path=own)
    belt.run()

    assert Import.objects.get().state == "done"
    assert own.exists()


def test_the_name_a_file_came_with_leads_nowhere(uploads):
    dataset = DatasetFactory()
    browser = client_of(dataset.organization, Role.REQUESTER)

    browser.post(page(dataset, "upload"), sent("../../../etc/cron.d/x.csv", b"external_id,text\na,Meow\n"))

    assert Import.objects.get().path.startswith(str(uploads))


def test_a_file_that_no_format_reads_is_refused_and_not_kept(uploads):
    dataset = DatasetFactory()
    browser = client_of(dataset.organization, Role.REQUESTER)

    response = browser.post(page(dataset, "upload"), sent("letter.docx", b"hello"))

    assert "its name should end in one of" in response.content.decode()
    assert not Import.objects.exists()
    assert list(uploads.iterdir()) == []


def test_the_dataset_shows_its_imports_and_asks_again_only_while_one_is_under_way():
    dataset = DatasetFactory()
    browser = client_of(dataset.organization, Role.REQUESTER)
    browser.post(page(dataset, "upload"), sent("animals.csv", b"external_id,text\na,Meow\na,Moo\n"))

    waiting = browser.get(page(dataset, "imports")).content.decode()
    belt.run()
    done = browser.get(page(dataset, "imports")).content.decode()

    assert "hx-get" in waiting
    assert "hx-get" not in done
    assert "animals.csv" in done


def test_a_dataset_with_items_leads_on_to_a_campaign_of_it():
    dataset = DatasetFactory()
    browser = client_of(dataset.organization, Role.REQUESTER)
    empty = browser.get(page(dataset, "change")).content.decode()
    ItemFactory(dataset=dataset)

    shown = browser.get(page(dataset, "change")).content.decode()
    others = client_of(dataset.organization, Role.REVIEWER).get(page(dataset, "change")).content.decode()

    on = f"/admin/campaigns/campaign/add/?dataset={dataset.pk}"
    assert [f'href="{on}"' in each for each in (empty, shown, others)] == [False, True, False]
    assert f'<option value="{dataset.pk}" selected>' in browser.get(on).content.decode()


def test_rows_that_were_refused_are_shown_with_line_and_reason():
    dataset = DatasetFactory()
    browser = client_of(dataset.organization, Role.REQUESTER)
    browser.post(page(dataset, "upload"), sent("animals.csv", b"external_id,text\na,Meow\na,Moo\n"))
    belt.run()

    shown = browser.get(page(Import.objects.get(), "change")).content.decode()

    assert "belongs to an item with other data already" in shown


def test_items_are_walked_through_page_by_page_and_each_once():
    dataset = DatasetFactory()
    ItemFactory.create_batch(60, dataset=dataset)
    browser = client_of(dataset.organization, Role.REVIEWER)

    seen, address = [], page(dataset, "browse")
    while address:
        response = browser.get(address)
        seen += [item.pk for item, _ in response.context["items"]]
        after = response.context["next"]
        address = f"{page(dataset, 'browse')}?after={after}" if after else ""

    assert seen == list(Item.objects.filter(dataset=dataset).order_by("pk").values_list("pk", flat=True))


def test_a_page_of_items_counts_nothing(django_assert_max_num_queries):
    dataset = DatasetFactory()
    ItemFactory.create_batch(30, dataset=dataset)
    browser = client_of(dataset.organization, Role.REVIEWER)

    # Session, user, roles, dataset with its imports' sums, items, and what the sidebar asks.
    with django_assert_max_num_queries(8) as queries:
        browser.get(page(dataset, "browse"))

    assert not [one for one in queries.captured_queries if "COUNT(*)" in one["sql"] and "datasets_item" in one["sql"]]


def test_an_item_is_found_by_its_external_id():
    dataset = DatasetFactory()
    items = ItemFactory.create_batch(3, dataset=dataset)
    browser = client_of(dataset.organization, Role.REVIEWER)

    response = browser.get(page(dataset, "browse"), {"external_id": items[1].external_id})

    assert [item for item, _ in response.context["items"]] == [items[1]]


def test_text_of_an_item_is_shown_as_text():
    dataset = DatasetFactory()
    ItemFactory(dataset=dataset, data={"text": "<script>alert(1)</script>"})

    shown = client_of(dataset.organization, Role.REVIEWER).get(page(dataset, "browse")).content.decode()

    assert "<script>alert" not in shown
    assert "&lt;script&gt;alert" in shown


def test_a_dataset_is_renamed():
    dataset = DatasetFactory(name="Old")

    client_of(dataset.organization, Role.REQUESTER).post(page(dataset, "change"), {"name": "New", "description": ""})

    dataset.refresh_from_db()
    assert dataset.name == "New"
