"""What a page's form sent in vain: nobody is logged in any more, or somebody logged in anew since it was opened.

A browser without scripts keeps nothing of a form once it is sent. Nothing of a stranger's is kept here either: what was
sent goes back in the page that says so, as fields of a form that sends it once more.
"""

from dataclasses import dataclass

from django.http import HttpRequest

TOKEN = "csrfmiddlewaretoken"  # noqa: S105  # the name of the field
# In characters, names and all: each may come back as six. What a page without scripts asks for is far shorter.
MOST = 2**20


@dataclass(frozen=True)
class HeldBack:
    """What was sent, and where it goes once more; no fields where they are too long to come back."""

    to: str
    fields: list[tuple[str, str]]
    is_too_long: bool = False


def held_back(request: HttpRequest) -> HeldBack | None:
    """Return what was sent for somebody's own page, None where it was nothing or for anything else.

    A page is its worker's alone, so it takes nothing that another sends once more, who logs in to the same browser.
    """
    match = request.resolver_match
    is_of_a_page = match is not None and match.app_name == "workbench" and "assignment_id" in match.kwargs
    if request.method != "POST" or not is_of_a_page:
        return None
    fields = [(name, value) for name, values in request.POST.lists() for value in values if name != TOKEN]
    if not fields:
        return None
    is_too_long = sum(len(name) + len(value) for name, value in fields) > MOST
    return HeldBack(request.get_full_path(), [] if is_too_long else fields, is_too_long)


def is_of_this_site(request: HttpRequest) -> bool:
    """Return whether the browser says that a page of ours sent it; what no browser says so of is not.

    Without the token that our forms hold, another site's page might have: it would fill in what somebody here sends.
    """
    said = request.headers.get("Sec-Fetch-Site", "same-origin"), request.headers.get("Origin")
    here = f"{request.scheme}://{request.get_host()}"
    if said[1] is None:
        return "Sec-Fetch-Site" in request.headers and said[0] == "same-origin"
    return said == ("same-origin", here)
