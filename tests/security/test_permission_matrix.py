"""S7, S8, P14: who may knock where. Each route of the site, the admin's too, has a row in permissions.txt.

What the row says is tried, by every kind of visitor, with real rows of an organization that is not everybody's. A row
is written by hand: what a new route lets in is thought about first, and this test tells where the site differs.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.api.permissions import OPEN
from apps.members.models import Role
from tests.api.promised import MAY
from tests.api.rooms import methods
from tests.api.rooms import routes as api
from tests.console.promised import MAY_ADD, MAY_VIEW
from tests.security.walking import (
    WHO,
    Answer,
    Site,
    cheap,
    letters,
    patterns,
    routes,
    site,
    tried,
    unrendered,
    without_a_verb,
    written,
)

pytestmark = pytest.mark.django_db
MATRIX = Path(__file__).with_name("permissions.txt")
PARTS = 4  # so that processes share the walk
# What is noted of a visit itself, and of nothing that it looks at.
OF_A_VISIT = {
    "core_bucket": "how often somebody asked",
    "cache": "the same, of who logs in",
    "members_token": "when a token was used last",
}
# What looking at a page changes, once.
NOTED = {
    "account_email": {"account_emailaddress"},  # allauth keeps the address that an account was made with there, too
    "api:tax_year": {"members_trail"},  # who took the file of what everybody earned is written down
    "workbench:page": {"work_assignment"},  # the clock of a page that was fetched ahead starts when it is seen
}
# These say the same to everybody, a stranger too, and take long to say it: a stranger alone asks.
SAME_FOR_ALL = {"readyz", "metrics", "api:schema", "api:docs"}
LETTER = {"worker": "w", "requester": "q", "reviewer": "v", "finance": "f", "admin": "a"}
OF_NOBODY = {"pipeline.Schedule"}  # what is done by the clock, and when: no organization's
TOO_MANY = 429
# Finance follows its own operations, this one wrote labels.
NOT_HERE = {"operation": {"f"}, "operation_file": {"f"}}


def verbs(name: str) -> list[str]:
    further = [verb for verb in ("PUT", "PATCH", "DELETE") if verb in handled(name)] if name.startswith("api:") else []
    return ["GET", "POST", *further]


def handled(name: str) -> list[str]:
    return methods(api()[name.removeprefix("api:")])


def visitors(name: str, verb: str) -> str:
    """Return who tries a verb: everybody, but where the API's view has none, only who would be let in first."""
    if name in SAME_FOR_ALL:
        return "-"
    if name.startswith("admin:"):
        return "".join(WHO).replace("x", "")  # two people who are members of nothing
    return "a" if name.startswith("api:") and verb not in handled(name) else "".join(WHO)


def knock(here: Site, name: str, verb: str, path: str) -> dict[str, Answer]:
    space, _, own = name.partition(":")
    body = here.bodies.get((own, verb), "{}") if space == "api" else ""
    return {who: tried(here.visitors[who], verb, path, body) for who in visitors(name, verb)}


def cell(name: str, verb: str, told: dict[str, Answer]) -> str:
    who = letters(told)
    return "." if who == "0" and name.startswith("api:") and verb not in handled(name) else who


def row(name: str, may: dict[str, str]) -> str:
    """Write a line: who may GET and POST, and who may do what else there is, by its name."""
    further = (f"{verb} {who}" for verb, who in may.items() if verb not in ("GET", "POST"))
    return " | ".join([name, may["GET"], may["POST"], *further])


def matrix() -> dict[str, str]:
    lines = [line for line in MATRIX.read_text().splitlines() if line and not line.startswith("#")]
    return {line.partition(" | ")[0]: line for line in lines}


def cells(space: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield each route's name within a space, and who may do what there."""
    for name, line in matrix().items():
        if name.startswith(space):
            get, post, *further = line.split(" | ")[1:]
            may = {"GET": get, "POST": post, **dict(each.split(" ") for each in further)}
            yield name.removeprefix(space), {verb: who.strip("0.") for verb, who in may.items()}


@pytest.mark.parametrize("part", range(PARTS))
def test_every_route_lets_in_whom_its_row_says_breaks_for_nobody_and_no_get_of_one_writes(part, settings):
    cheap(settings)
    here, told = site(), matrix()
    found, wrote, broken, told_of = {}, {}, [], []

    with unrendered():
        for name, path in list(routes(here).items())[part::PARTS]:
            before = written()
            answers = {"GET": knock(here, name, "GET", path)}
            tables = {table for table, rows in written().items() if rows != before.get(table)}
            wrote[name] = tables - OF_A_VISIT.keys() - NOTED.get(name, set())
            answers |= {verb: knock(here, name, verb, path) for verb in verbs(name)[1:]}
            found[name] = row(name, {verb: cell(name, verb, each) for verb, each in answers.items()})
            broken += [(name, verb, who, each.status) for verb, by in answers.items()
                       for who, each in by.items() if each.status >= 500 or each.status == TOO_MANY]  # fmt: skip
            told_of += [(name, verb) for verb, by in answers.items() for own, other in (("a", "z"), ("w", "x"))
                        if other in by and by[own].is_in and by[other].status == 403]  # fmt: skip

    assert broken == []
    assert told_of == [], "another organization's row, and another worker's, is not there: 404 and not 403"
    assert {name: line for name, line in found.items() if told.get(name) != line} == {}
    assert {name: tables for name, tables in wrote.items() if tables} == {}, "looking changes nothing (S8)"


def test_s8_put_patch_and_delete_of_a_page_change_nothing_and_break_nothing(settings):
    """Each page of the site by one of the three in turn, by who may most there; the API's are in the matrix."""
    cheap(settings)
    here, wrote, broken = site(), {}, []
    pages = {name: path for name, path in routes(here).items() if not name.startswith("api:")}

    with unrendered():
        for number, (name, path) in enumerate(pages.items()):
            verb = ("PUT", "PATCH", "DELETE")[number % 3]
            before = written()
            visitor = here.visitors["w" if name.startswith("workbench:") else "a"]
            answer = tried(visitor, verb, path)
            changed = {table for table, rows in written().items() if rows != before.get(table)}
            wrote[name, verb] = changed - OF_A_VISIT.keys() - NOTED.get(name, set())
            broken += [(name, verb, answer.status)] * (answer.status >= 500)

    assert broken == []
    assert {name: tables for name, tables in wrote.items() if tables} == {}


def test_every_route_has_a_row_and_every_row_a_route():
    assert patterns().keys() - matrix().keys() == set(), "these have no row in permissions.txt"
    assert matrix().keys() - patterns().keys() == set(), "these rows are of no route"


def test_an_address_of_a_row_without_a_verb_leads_members_to_its_form_and_nobody_else_anywhere(settings):
    cheap(settings)
    here = site()
    leads = without_a_verb(here)

    for path in leads.values():
        assert tried(here.visitors["-"], "GET", path).status == tried(here.visitors["w"], "GET", path).status == 401
        assert here.visitors["v"].get(f"/{path}")["Location"] == f"/{path}change/"
    assert len(leads) == len(here.house.rows)


def test_a_row_of_the_api_lets_in_whom_the_product_promises_it_to_and_nobody_else():
    wrong = []

    for name, may in cells("api:"):
        ids = api()[name].pattern.converters.keys() - {"month", "year"}
        for verb, who in may.items():
            promised = {LETTER[role] for role, calls in MAY.items() if (name, verb) in calls}
            promised |= {"x"} if "w" in promised and "assignment_id" not in ids else set()  # a page is one worker's
            promised |= {"z"} if "a" in promised and not ids else set()  # lists of one's own, and no row of others'
            if set(who) != promised - NOT_HERE.get(name, set()) and name not in OPEN:
                wrong.append((name, verb, who, promised))

    assert wrong == []


def test_a_row_of_the_admin_lets_in_whom_the_product_promises_a_model_to_and_nobody_else():
    of = {label.lower().replace(".", "_"): label for label in MAY_VIEW[Role.ADMIN]}
    addresses, wrong = patterns(), []

    for name, may in cells("admin:"):
        key = next((key for key in of if name.startswith(f"{key}_")), None)
        if key is None:
            continue
        label, page = of[key], name.removeprefix(f"{key}_")
        promised = MAY_ADD if page == "add" else MAY_VIEW
        letters_of = {LETTER[role] for role in Role if label in promised.get(role, ())}
        # Another organization's admin has lists of their own, and no row of this one.
        of_a_row = "object_id" in addresses[f"admin:{name}"] and label not in OF_NOBODY
        letters_of |= {"z"} if "a" in letters_of and not of_a_row else set()
        if set("".join(may.values())) - letters_of:
            wrong.append((name, may))
        if page in ("changelist", "add", "change") and set(may["GET"]) != letters_of:
            wrong.append((name, may["GET"]))

    assert wrong == []


def test_a_row_of_the_workbench_about_a_page_lets_in_its_worker_alone():
    addresses = patterns()
    of_a_page = {name: may for name, may in cells("workbench:") if "assignment_id" in addresses[f"workbench:{name}"]}

    assert {"page", "submit", "change", "dispute"} <= set(of_a_page)
    assert {name: may for name, may in of_a_page.items() if set("".join(may.values())) - {"w"}} == {}
