"""Every row belongs to an organization: each model reaches it over foreign keys that are never empty."""

from collections.abc import Mapping

from django.apps import apps
from django.db import models

TENANT = "members.Organization"
WITHOUT = {
    "members.User",  # a person may belong to several organizations, by memberships and as a worker of each
    "pipeline.Backup",  # a dump of all
    "pipeline.Delivery",  # the machine's own book-keeping: how often a message was tried
    "pipeline.Overdue",  # the same: since when the sweep finds it due
    "pipeline.Schedule",  # the same: when the clock last rang
    "channels.Purse",  # an installation has one account at a market, which its organizations share
    "channels.Qualifier",  # the same: what that account calls a qualification there
}


def homeless(keys: Mapping[str, set[str]]) -> list[str]:
    """Return the models that reach no organization; `keys` says which models each one's foreign keys name."""
    housed = {TENANT}
    while grown := {model for model, targets in keys.items() if targets & housed} - housed:
        housed |= grown
    return sorted(set(keys) - housed)


def never_empty_keys() -> dict[str, set[str]]:
    return {
        model._meta.label: {
            field.related_model._meta.label
            for field in model._meta.get_fields()
            if isinstance(field, models.ForeignKey) and not field.null
        }
        for app in apps.get_app_configs()
        if app.name.startswith("apps.")
        for model in app.get_models()
    }


def test_every_row_belongs_to_an_organization():
    keys = never_empty_keys()
    assert len(keys) > 20, "the models were not found, so this test would see nothing"

    assert sorted(set(homeless(keys)) - WITHOUT) == []


def test_a_model_that_reaches_no_organization_is_found():
    keys = {
        "members.Organization": set(),
        "members.User": set(),
        "work.Task": {"campaigns.Campaign"},
        "campaigns.Campaign": {"members.Organization"},
        "core.Stray": {"core.Other", "members.User"},
        "core.Other": {"core.Stray"},
    }

    assert homeless(keys) == ["core.Other", "core.Stray", "members.User"]
