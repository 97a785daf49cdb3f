"""Items and widgets as HTML that works before the script does. The only module here that needs Django's settings."""

from collections.abc import Sequence
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from apps.kinds.base import Kind
from apps.kinds.viewer import Part


def item(parts: Sequence[Part]) -> SafeString:
    """Return the item viewer's HTML."""
    return render_to_string("kinds/item.html", {"parts": parts})


def widget(
    kind: Kind[Any, Any],
    settings: Any,
    *,
    place: str,
    item: Sequence[Part] = (),
    answer: Any | None = None,
    error: str = "",
    lang: str = "",
) -> SafeString:
    """Return the HTML of one question; its controls are named '<place>.<field>' (see `forms.relative`).

    Args:
        item: all of the item's parts, those included that only the widget shows.
        answer: the raw answer to begin with, None for none; one that was refused may be shown again.
        error: the sentence why it was refused.
        lang: the language tag of what the requester wrote, '' where it is not known; ours is the reader's.
    """
    context = {"kind": kind, "settings": settings, "place": place, "item": item, "answer": answer, "error": error}
    context["lang"] = lang
    return render_to_string(f"kinds/{kind.name}/widget.html", {**context, **kind.context(settings, answer, item)})


def script(kind: Kind[Any, Any]) -> str:
    """Return the static path of the module that mounts the widget."""
    return f"kinds/{kind.name}/widget.js"
