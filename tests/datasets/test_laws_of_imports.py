"""Laws that hold for any file: import twice is import once, and a kill after any batch changes nothing."""

import csv
import io
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from apps.datasets import services
from apps.datasets.models import Import
from tests.datasets.makers import bad, counts, imported, rows, wrote
from tests.factories import DatasetFactory

FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])

text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
values = st.one_of(
    text, st.integers(-(10**20), 10**20), st.booleans(), st.none(), st.floats(allow_nan=False, allow_infinity=False)
)
objects = st.fixed_dictionaries(
    {"text": values}, optional={"external_id": st.sampled_from(["a", "b", "c", "d"]), "n": values}
)
# Lines of a file that is now and then wrong.
lines = st.one_of(
    objects.map(json.dumps),
    objects.map(json.dumps),
    st.sampled_from(["[1]", "{", '{"a": NaN}', '{"a": "\\u0000"}', ""]),
)


class Killed(BaseException):
    pass


class Laws(TestCase):
    @FEW
    @given(st.lists(lines, max_size=12))
    def test_importing_twice_is_importing_once(self, written: list[str]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = wrote(Path(folder), "x.jsonl", "\n".join([*written, '{"text": "last"}']))
            first = imported(path, batch_rows=3)
            before = rows(first.dataset)

            again = imported(path, first.dataset, batch_rows=5)

        assert rows(first.dataset) == before
        assert again.rows_added == 0
        assert (again.rows_known, again.rows_bad) == (first.rows_added + first.rows_known, first.rows_bad)
        assert bad(again) == bad(first)

    @FEW
    @given(
        st.lists(lines, min_size=4, max_size=12), st.integers(1, 4), st.lists(st.integers(1, 3), min_size=1, max_size=4)
    )
    def test_killing_after_any_batches_and_resuming_gives_the_same_rows(
        self, written: list[str], batch_rows: int, lives: list[int]
    ) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = wrote(Path(folder), "x.jsonl", "\n".join([*written, '{"text": "last"}']))
            whole = imported(path)
            job = services.start_import(DatasetFactory(), path=path)
            for batches in lives:
                _run_for(job, batches, batch_rows)

            job = services.run_import(job.pk, batch_rows=batch_rows)

        assert rows(job.dataset) == rows(whole.dataset)
        assert counts(job) == counts(whole)
        assert bad(job) == bad(whole)

    @FEW
    @given(
        st.lists(
            st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), min_size=1, max_size=8),
            min_size=1,
            max_size=4,
            unique=True,
        ),
        st.data(),
    )
    def test_what_the_csv_module_writes_comes_back_as_items(self, columns: list[str], data: st.DataObject) -> None:
        columns = [f"c{column}" for column in columns]
        cells = st.lists(text, min_size=len(columns), max_size=len(columns))
        table: list[list[str]] = data.draw(st.lists(cells, min_size=1, max_size=6))
        buffer = io.StringIO(newline="")
        writer = csv.writer(buffer, quoting=csv.QUOTE_ALL)
        writer.writerow(["external_id", *columns])
        writer.writerows([f"row {number}", *row] for number, row in enumerate(table))

        with tempfile.TemporaryDirectory() as folder:
            job = imported(wrote(Path(folder), "x.csv", buffer.getvalue()))

        expected: list[tuple[str, dict[str, Any]]] = [
            (f"row {number}", dict(zip(columns, row, strict=True))) for number, row in enumerate(table)
        ]
        assert bad(job) == []
        assert rows(job.dataset) == expected


def _run_for(job: Import, batches: int, batch_rows: int) -> None:
    """Run an import until it is killed after so many batches, or done."""
    left = [batches]

    def progress(job: Import) -> None:
        left[0] -= 1
        if not left[0]:
            raise Killed

    try:
        services.run_import(job.pk, progress=progress, batch_rows=batch_rows)
    except Killed:
        return


def test_json_and_jsonl_of_the_same_objects_are_the_same_items(db: None, tmp_path: Path) -> None:
    found = [{"external_id": str(n), "text": 'é\u2028\\"' * n, "n": n * 1.5} for n in range(50)]
    as_lines = imported(wrote(tmp_path, "x.jsonl", "\n".join(json.dumps(row) for row in found)))

    for name, content in {
        "plain.json": json.dumps(found),
        "pretty.json": json.dumps({"items": found}, indent=4, ensure_ascii=False),
    }.items():
        assert rows(imported(wrote(tmp_path, name, content)).dataset) == rows(as_lines.dataset)


pytestmark = pytest.mark.django_db
