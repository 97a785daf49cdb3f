"""What is served as it lies: nothing that a browser shows as a page, as no policy stands with it."""

from django.contrib.staticfiles import finders
from django.test import Client


def test_no_static_file_is_a_page_or_a_test():
    found = [path for finder in finders.get_finders() for path, _storage in finder.list(None)]

    assert "kinds/single_choice/widget.js" in found
    ours = [path for path in found if not path.startswith(("admin/", "unfold/"))]
    assert [path for path in ours if ".test." in path or path.endswith((".html", ".htm", ".xml"))] == []


def test_a_test_beside_a_script_is_not_served():
    assert finders.find("kinds/single_choice/widget.js") is not None
    assert Client().get("/static/kinds/single_choice/widget.test.html").status_code == 404
    assert finders.find("kinds/single_choice/widget.test.html") is None
