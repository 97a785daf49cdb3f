"""A table with rows about people is given to them with all that is held, is forgotten with them, or says why not."""

from django.apps import apps
from django.db.models import ForeignKey, Model, OneToOneField

from apps.core import privacy
from apps.members.models import User
from apps.workforce.models import Worker

BY_MEMBERS = "which of an organization's members did it: they are dismissed before they can be erased, and it stays"
WITH_THE_PAGE = "told and kept with the page that it is of"
OF_A_MARKET = "of a market's worker, who has no account here and is known by a name of the market's"
NOTHING_MORE = "holds nothing of a person but that their row belongs there"
# Neither given nor forgotten, and why.
NEITHER = {
    "admin.LogEntry": BY_MEMBERS,
    "members.User_groups": NOTHING_MORE,
    "members.User_user_permissions": NOTHING_MORE,
    "members.Membership": BY_MEMBERS,
    "members.Terms": BY_MEMBERS,
    "datasets.Import": BY_MEMBERS,
    "ledger.Closing": BY_MEMBERS,
    "campaigns.Campaign": BY_MEMBERS,
    "campaigns.Reservation": "who is to answer an item: would tell of items before they are asked",
    "work.Seat": "counters of pages, places and gold: how many of these were known answers is no worker's to know",
    "quality.Adjudication": BY_MEMBERS,
    "quality.Audit": BY_MEMBERS,
    "quality.AuditedTask": BY_MEMBERS,
    "payments.PayoutBatch": BY_MEMBERS,
    "payments.SignOff": BY_MEMBERS,
    "channels.Claim": OF_A_MARKET,
    "channels.Grant": OF_A_MARKET,
    "notices.Endpoint": BY_MEMBERS,
    "notices.Mail": BY_MEMBERS,
    "pipeline.Operation": BY_MEMBERS,
    "turkapi.AccessKey": BY_MEMBERS,
}


def about_people() -> dict[str, type[Model]]:
    """Return the tables with a column that names a user or a worker, by their labels."""
    return {
        model._meta.label: model
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.fields
        if isinstance(field, ForeignKey | OneToOneField) and field.related_model in (User, Worker)
    }


def unspoken(tables: dict[str, type[Model]]) -> set[str]:
    """Return the labels of those that neither an app nor this page speaks of."""
    return set(tables) - {held.model._meta.label for held in privacy.held()} - set(NEITHER)


def test_every_table_about_people_is_given_to_them_or_forgotten_or_says_why_not():
    assert unspoken(about_people()) == set()


def test_no_reason_outlives_its_table_or_stands_beside_what_is_held():
    held = {each.model._meta.label for each in privacy.held()}

    assert set(NEITHER) - set(about_people()) == set()
    assert set(NEITHER) & held == set()


def test_a_new_table_about_people_is_found():
    tables = about_people()

    assert {"workforce.Link", "turkapi.QualificationRequest", "members.Trail"} <= set(tables)
    assert unspoken({**tables, "work.Confession": Worker}) == {"work.Confession"}


def test_what_is_held_is_given_under_a_name_of_its_own_or_forgotten():
    held = list(privacy.held())
    names = [each.name for each in held if each.rows]

    assert len(names) == len(set(names))
    assert "" not in names
    assert [each for each in held if not (each.rows or each.forget)] == []
