"""Files become items: each row once, each bad row told, whatever happens in between."""

from pathlib import Path

import pytest
from django.db import connection, connections

from apps.datasets import queries, services
from apps.datasets.formats import by_suffix
from apps.datasets.intake import OvertakenImport
from apps.datasets.models import Import
from apps.datasets.services import ImportBusy, Refused
from tests.datasets.makers import bad, counts, imported, rows, wrote
from tests.factories import DatasetFactory, ItemFactory, member

pytestmark = pytest.mark.django_db

SAME_ROWS = {
    "rows.csv": 'external_id,text,n\r\na,one,1\r\nb,"two, or\r\nso",2\r\n',
    "rows.tsv": 'external_id\ttext\tn\na\tone\t1\nb\t"two, or\r\nso"\t2\n',
    "rows.jsonl": '{"external_id":"a","text":"one","n":"1"}\n\n{"external_id":"b","text":"two, or\\r\\nso","n":"2"}\n',
    "rows.json": '[{"external_id":"a","text":"one","n":"1"},\n {"external_id":"b","text":"two, or\\r\\nso","n":"2"}]',
    "items.json": '{"meta":[1,{"items":[]}],"items":[{"external_id":"a","text":"one","n":"1"},'
    '{"external_id":"b","text":"two, or\\r\\nso","n":"2"}],"more":1}',
}


@pytest.mark.parametrize("name", SAME_ROWS)
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "with a byte order mark"])
def test_every_format_of_rows_gives_the_same_items(tmp_path: Path, name: str, mark: bytes):
    job = imported(wrote(tmp_path, name, mark + SAME_ROWS[name].encode()))

    assert (job.state, job.problem, counts(job)) == ("done", "", (2, 0, 0))
    assert rows(job.dataset) == [("a", {"text": "one", "n": "1"}), ("b", {"text": "two, or\r\nso", "n": "2"})]


def test_values_of_json_keep_their_types(tmp_path: Path):
    text = '{"t": "1", "i": 7, "f": 0.5, "yes": true, "none": null, "ar": {"text": "نعم", "lang": "ar"}}'

    job = imported(wrote(tmp_path, "x.jsonl", text))

    [(_, data)] = rows(job.dataset)
    assert data == {"t": "1", "i": 7, "f": 0.5, "yes": True, "none": None, "ar": {"text": "نعم", "lang": "ar"}}


def test_text_in_csv_stays_text_so_that_leading_zeros_survive(tmp_path: Path):
    job = imported(wrote(tmp_path, "x.csv", "external_id,code\n1,007\n"))

    assert rows(job.dataset) == [("1", {"code": "007"})]


def test_a_file_imported_again_is_known_and_changes_nothing(tmp_path: Path):
    path = wrote(tmp_path, "x.csv", "external_id,text\na,one\nb,two\n")
    first = imported(path)
    before = rows(first.dataset)

    again = imported(path, first.dataset)

    assert counts(again) == (0, 2, 0)
    assert rows(first.dataset) == before


def test_an_external_id_with_other_data_is_a_bad_row_and_the_first_one_stays(tmp_path: Path):
    dataset = DatasetFactory()
    ItemFactory(dataset=dataset, external_id="b", data={"text": "old"})

    job = imported(wrote(tmp_path, "x.csv", "external_id,text\na,one\nb,new\nc,three\n"), dataset)

    assert counts(job) == (2, 0, 1)
    assert bad(job) == [("", 3, "external_id 'b' belongs to an item with other data already; the first one stays")]
    assert dict(rows(dataset))["b"] == {"text": "old"}


def test_the_same_external_id_twice_in_a_file_is_known_or_bad_by_its_data(tmp_path: Path):
    job = imported(wrote(tmp_path, "x.csv", "external_id,text\na,one\na,one\na,two\n"))

    assert counts(job) == (1, 1, 1)
    assert [line for _, line, _ in bad(job)] == [4]


def test_another_dataset_may_use_the_same_external_ids(tmp_path: Path):
    path = wrote(tmp_path, "x.csv", "external_id,text\na,one\n")
    imported(path)

    assert counts(imported(path)) == (1, 0, 0)


def test_rows_without_external_id_get_a_stable_one_from_their_content(tmp_path: Path):
    first = imported(wrote(tmp_path, "x.jsonl", '{"text": "one", "n": 1}\n{"text": "two"}\n'))

    again = imported(
        wrote(tmp_path, "y.jsonl", '{"n": 1, "text": "one"}\n{"external_id": "", "text": "three"}'), first.dataset
    )

    assert counts(again) == (1, 1, 0)
    assert all(external_id.startswith("sha256-") for external_id, _ in rows(first.dataset))


def test_a_whole_number_may_be_an_external_id_and_other_values_may_not(tmp_path: Path):
    lines = ['{"external_id": 7, "t": "a"}', '{"external_id": 7.5, "t": "a"}', '{"external_id": true, "t": "a"}']

    job = imported(wrote(tmp_path, "x.jsonl", "\n".join(lines)))

    assert rows(job.dataset) == [("7", {"t": "a"})]
    assert bad(job) == [
        ("", 2, "external_id is 7.5; it should be text or a whole number"),
        ("", 3, "external_id is True; it should be text or a whole number"),
    ]


def test_progress_is_told_after_every_batch_and_is_in_the_row(tmp_path: Path):
    path = wrote(tmp_path, "x.csv", "text\n" + "".join(f"row {n}\n" for n in range(10)))
    job = services.start_import(DatasetFactory(), path=path)
    seen: list[tuple[int, int]] = []

    def progress(job: Import) -> None:
        seen.append((job.rows_read, Import.objects.get(pk=job.pk).rows_read))

    services.run_import(job.pk, progress=progress, batch_rows=4)

    assert seen == [(4, 4), (8, 8), (10, 10)]


def test_who_started_an_import_and_how_much_there_is_to_read_is_noted(tmp_path: Path):
    dataset = DatasetFactory()
    user = member(dataset.organization)
    path = wrote(tmp_path, "x.csv", "text\na\n")

    job = services.start_import(dataset, path=path, by=user, name="Räder.csv")

    assert (job.started_by, job.file_name, job.bytes_total, job.state) == (user, "Räder.csv", 7, "waiting")


class Killed(BaseException):
    """Stands for a SIGKILL between two batches."""


def kill(job: Import) -> None:
    raise Killed


def test_a_killed_import_goes_on_where_it_was(tmp_path: Path):
    path = wrote(tmp_path, "x.csv", "external_id,text\n" + "".join(f"{n},row {n}\n" for n in range(10)))
    job = services.start_import(DatasetFactory(), path=path)
    with pytest.raises(Killed):
        services.run_import(job.pk, progress=kill, batch_rows=4)
    job.refresh_from_db()
    assert (job.state, job.rows_read) == ("running", 4)

    job = services.run_import(job.pk, batch_rows=4)

    assert (job.state, counts(job)) == ("done", (10, 0, 0))


def test_an_import_that_is_done_is_not_run_again(tmp_path: Path):
    path = wrote(tmp_path, "x.csv", "text\na\n")
    job = imported(path)
    path.unlink()

    assert services.run_import(job.pk).state == "done"


def test_a_file_that_changed_since_the_kill_is_refused(tmp_path: Path):
    path = wrote(tmp_path, "x.csv", "text\na\nb\nc\n")
    job = services.start_import(DatasetFactory(), path=path)
    with pytest.raises(Killed):
        services.run_import(job.pk, progress=kill, batch_rows=1)
    path.write_text("text\nz\nb\nc\n")

    job = services.run_import(job.pk)

    assert (job.state, job.problem) == ("failed", "'x.csv' has changed since 1 of its rows were read; import it anew")


def test_a_failed_import_can_be_run_again_when_the_file_is_back(tmp_path: Path):
    path = wrote(tmp_path, "x.csv", "text\na\n")
    job = services.start_import(DatasetFactory(), path=path)
    path.unlink()
    assert services.run_import(job.pk).problem == "'x.csv' is no longer where it was"
    wrote(tmp_path, "x.csv", "text\na\n")

    assert services.run_import(job.pk).state == "done"


def test_what_no_format_reads_is_refused_at_once_with_what_would_be(tmp_path: Path):
    with pytest.raises(Refused, match=r"'x.xlsx' is not a file we can read: its name should end in one of \.csv, "):
        services.start_import(DatasetFactory(), path=wrote(tmp_path, "x.xlsx", "PK"))
    with pytest.raises(Refused, match="there is no file"):
        services.start_import(DatasetFactory(), path=tmp_path / "none.csv")


def test_each_suffix_has_one_format_found_by_being_in_the_folder():
    assert by_suffix().keys() == {".csv", ".tsv", ".tab", ".jsonl", ".ndjson", ".json", ".zip", "/"}


def test_more_bad_rows_than_anybody_reads_are_counted_but_not_kept(tmp_path: Path):
    job = imported(wrote(tmp_path, "x.jsonl", "1\n" * 10_050 + '{"t": "good"}'))

    assert counts(job) == (1, 0, 10_050)
    assert job.bad_rows.count() == 10_000


def test_items_come_in_the_order_of_the_file_and_are_counted(tmp_path: Path):
    job = imported(wrote(tmp_path, "x.csv", "external_id,text\nz,1\na,2\nm,3\n"))

    assert [item.external_id for item in queries.items(job.dataset)] == ["z", "a", "m"]
    assert queries.counts(job.dataset) == queries.Counts(items=3, media=0, imports=1)


def test_unfinished_imports_are_found_oldest_first(tmp_path: Path):
    path = wrote(tmp_path, "x.csv", "text\na\n")
    done = imported(path)
    waiting = [services.start_import(done.dataset, path=path) for _ in range(2)]

    assert list(queries.unfinished_imports()) == waiting


@pytest.mark.django_db(transaction=True)
def test_two_imports_into_one_dataset_do_not_run_at_once(tmp_path: Path):
    job = services.start_import(DatasetFactory(), path=wrote(tmp_path, "x.csv", "text\na\n"))
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [f"datasets.import:{job.dataset_id}"])

        with pytest.raises(ImportBusy, match="another import into"):
            services.run_import(job.pk)
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock_all()")  # its server ends some time after it is closed
    finally:
        other.close()
    assert services.run_import(job.pk).state == "done"


def test_the_lock_is_given_back_even_when_the_import_is_killed(tmp_path: Path):
    job = services.start_import(DatasetFactory(), path=wrote(tmp_path, "x.csv", "text\na\n"))
    with pytest.raises(Killed):
        services.run_import(job.pk, progress=kill)

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
        assert cursor.fetchone() == (0,)


def test_a_run_that_another_has_overtaken_keeps_nothing_of_its_batch(tmp_path: Path):
    path = wrote(tmp_path, "x.csv", "text\n" + "".join(f"row {n}\n" for n in range(9)))
    job = services.start_import(DatasetFactory(), path=path)

    def overtake(_: Import) -> None:
        services.run_import(job.pk, batch_rows=4)  # the lock is this connection's, so it lets us in

    with pytest.raises(OvertakenImport):
        services.run_import(job.pk, progress=overtake, batch_rows=4)

    job.refresh_from_db()
    assert (job.state, counts(job)) == ("done", (9, 0, 0))
    assert len(rows(job.dataset)) == 9


@pytest.mark.django_db
def test_a_column_id_names_the_items_where_there_is_no_external_id(tmp_path):
    dataset = DatasetFactory()
    (tmp_path / "own.csv").write_text("id,text\nm1,one\n")
    (tmp_path / "both.csv").write_text("external_id,id,text\nm2,7,two\n")

    for name in ("own.csv", "both.csv"):
        services.run_import(services.start_import(dataset, path=tmp_path / name).pk)

    assert rows(dataset) == [("m1", {"text": "one"}), ("m2", {"id": "7", "text": "two"})]
