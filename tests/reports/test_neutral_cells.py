"""S13: no spreadsheet takes a cell of ours for a formula."""

import pytest

from apps.reports.cells import neutral


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+cmd|' /C calc'!A0",
        "-2+3",
        "@SUM(A1)",
        "\tcat",
        "\rcat",
        "  =1+1",
        "\n=1+1",
        "\u00a0=1+1",
        "\ufeff=1+1",
        "\u200b=1+1",
        "＝1+1",
        "＋1+1",
        "－1+1",
        "＠SUM(A1)",
        "﹦1+1",
        "-",
        "- a list",
        "+1 555 0100 x",
        "-1e",
    ],
)
def test_s13_a_cell_that_a_spreadsheet_would_run_is_made_text(text: str) -> None:
    assert neutral(text) == f"'{text}"


@pytest.mark.parametrize(
    "text", ["", "cat", "-1", "-12.50", "+3", " -1 ", "-.5", "1e-5", "-1e-5", "a=b", "'=1", "(=1)", "猫", "é", "   "]
)
def test_numbers_and_other_text_stay_as_they_are(text: str) -> None:
    assert neutral(text) == text
