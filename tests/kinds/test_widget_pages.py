"""The pages that widget.test.js of each kind works on are what the server renders.

After a change of templates, `python -m tests.kinds.test_widget_pages` writes them anew.
"""

import os
from pathlib import Path
from typing import Any

import pytest

from apps import kinds
from apps.kinds import rendering, viewer
from apps.kinds.base import Kind


def page_of(kind: Kind[Any, Any]) -> Path:
    return kind.folder / "static" / "kinds" / kind.name / "widget.test.html"


def rendered(kind: Kind[Any, Any]) -> str:
    item = viewer.parts(kind.examples.item, media=lambda file: f"/media/{file}")
    return rendering.widget(kind, kind.read_settings(kind.examples.settings), place="place", item=item)


@pytest.mark.parametrize("name", kinds.names())
def test_the_script_is_tested_on_what_the_server_renders(name: str) -> None:
    kind = kinds.of(name)

    assert page_of(kind).read_text("utf-8") == rendered(kind), "run it: python -m tests.kinds.test_widget_pages"


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "labelcrowd.settings")
    django.setup()
    for each in map(kinds.of, kinds.names()):
        page_of(each).write_text(rendered(each), "utf-8")
