"""Values as words, and Markdown as safe HTML."""

import doctest

import pytest

from apps.core import markdown
from apps.workbench import wording


@pytest.mark.parametrize("module", [wording, markdown], ids=lambda module: module.__name__)
def test_the_examples_in_the_docstrings_are_true(module):
    assert doctest.testmod(module).attempted > 0
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        "[x](javascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](vbscript:x)",
        "![x](https://elsewhere.example/pixel.png)",
        '<a href="https://e.org" onclick="alert(1)" style="position:fixed">x</a>',
        "<iframe src=https://e.org></iframe>",
        "[x]: javascript:alert(1)\n\n[x]",
        "<style>body{display:none}</style>",
        "`<script>`\n\n    <script>alert(1)</script>",
    ],
)
def test_nothing_hostile_gets_through_guidelines(hostile):
    html = markdown.render(hostile).lower()

    for tag in ("<script", "<img", "<iframe", "<style", "<svg"):
        assert tag not in html
    for scheme in ("javascript:", "data:", "vbscript:"):
        assert f'href="{scheme}' not in html
    assert " style=" not in html.replace("&quot;", "").partition("&lt;")[0]


def test_links_in_guidelines_open_beside_the_page_and_tell_nobody_where_they_were():
    assert markdown.render("[a](https://e.org)") == (
        '<p><a href="https://e.org" target="_blank" rel="noopener noreferrer">a</a></p>\n'
    )


def test_headings_of_guidelines_stand_below_the_page_s_own():
    assert "<h3>A</h3>" in markdown.render("# A", below=2)
    assert "<h6>F</h6>" in markdown.render("# A\n## B\n### C\n#### D\n##### E\n###### F", below=2)


def test_headings_of_guidelines_leave_no_level_out():
    assert markdown.render("## A\n#### B\n## C", below=2) == "<h3>A</h3>\n<h4>B</h4>\n<h3>C</h3>\n"
    assert markdown.render("### A\n# B") == "<h2>A</h2>\n<h2>B</h2>\n"
