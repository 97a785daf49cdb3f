import itertools
import xml.etree.ElementTree as ElementTree

import pytest

from apps.reports import charts
from apps.reports.charts import Bin, Matrix
from apps.reports.intervals import Share


def parsed(drawing: str) -> ElementTree.Element:
    """Return the drawing as XML; fails if it is not well-formed."""
    return ElementTree.fromstring(drawing)


def texts(drawing: str) -> list[str]:
    return [element.text or "" for element in parsed(drawing).iter("text")]


HOSTILE = "<script>\"&'"


@pytest.mark.parametrize(
    "drawing",
    [
        charts.columns([(HOSTILE, 3), ("b", 0)], title=HOSTILE),
        charts.columns([], title="nothing"),
        charts.area([0, 2, 5], first=HOSTILE, last="", title=HOSTILE),
        charts.matrix(Matrix([HOSTILE, "b"], [[1, 0], [0, 0]], "truth", "label"), title=HOSTILE),
        charts.calibration([Bin(0.9, Share(8, 10, 0.8, 0.5, 0.9))], title=HOSTILE),
        charts.calibration([], title="nothing"),
        charts.span(0, 0.5, 1),
    ],
)
def test_a_drawing_is_well_formed_whatever_it_is_called(drawing: str) -> None:
    root = parsed(drawing)

    assert root.tag == "svg"
    assert root.get("role") == "img"
    assert root.get("aria-label")
    assert not list(root.iter("script"))


def test_columns_are_as_high_as_their_counts() -> None:
    drawing = charts.columns([("a", 10), ("b", 5), ("c", 0)], title="counts")

    heights = [float(shape.get("height", "")) for shape in parsed(drawing).iter("rect")]

    assert heights[0] == pytest.approx(2 * heights[1], abs=0.02)
    assert heights[2] == 0
    assert texts(drawing) == ["a", "10", "b", "5", "c"]


@pytest.mark.parametrize("step", [2, 5, 6])
def test_names_of_many_columns_keep_apart(step: int) -> None:
    drawing = charts.columns([(f"{n}%", n) for n in range(20, 100, step)], title="counts")

    placed = [float(element.get("x", "")) for element in parsed(drawing).iter("text") if element.get("class") == "tick"]

    assert min(b - a for a, b in itertools.pairwise(placed)) >= 28  # three characters are 21 wide


def test_a_matrix_shows_every_count_and_tells_it_in_words() -> None:
    drawing = charts.matrix(Matrix(["cat", "dog"], [[8, 2], [0, 1200]], "truth", "label"), title="who is who")

    says = [title.text for title in parsed(drawing).iter("title")]

    assert says[1:] == [
        "truth cat, label cat: 8 of 10",
        "truth cat, label dog: 2 of 10",
        "truth dog, label cat: 0 of 1,200",
        "truth dog, label dog: 1,200 of 1,200",
    ]
    assert {"8", "2", "1,200"} <= set(texts(drawing))
    assert "0" not in texts(drawing)


def test_a_dot_on_the_diagonal_is_a_confidence_that_is_right() -> None:
    drawing = charts.calibration(
        [Bin(0.2, Share(2, 10, 0.2, 0.1, 0.5)), Bin(0.8, Share(8, 10, 0.8, 0.5, 0.9))], title="calibration"
    )

    root = parsed(drawing)
    ideal = next(line for line in root.iter("line") if line.get("class") == "ideal")
    x1, y1, x2, y2 = (float(ideal.get(name, "")) for name in ("x1", "y1", "x2", "y2"))
    for dot in root.iter("circle"):
        along = (float(dot.get("cx", "")) - x1) / (x2 - x1)
        assert (float(dot.get("cy", "")) - y1) / (y2 - y1) == pytest.approx(along, abs=1e-3)


def test_counts_that_have_no_room_in_a_matrix_are_all_in_a_table_that_is_reached_by_keyboard() -> None:
    names = [f"class {n}" for n in range(16)]
    counts = [[1000 * row + column for column in range(16)] for row in range(16)]

    drawn = charts.counted(Matrix(names, counts, "label", "answer"), title="all")

    root = parsed(f"<figure>{drawn}</figure>")
    [table] = root.iter("table")
    assert [[cell.text for cell in row.iter("td")] for row in table.find("tbody").iter("tr")] == [
        [f"{count:,}" for count in row] for row in counts
    ]
    [region] = root.iter("div")
    assert (region.get("role"), region.get("tabindex"), region.get("aria-label")) == ("region", "0", "All counts: all")


def test_a_matrix_that_shows_every_count_has_no_table() -> None:
    assert "<table" not in charts.counted(Matrix(["a", "b"], [[8, 2], [0, 1200]], "label", "answer"), title="all")
