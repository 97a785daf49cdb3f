"""S10: every secret in the database is sealed again under the vault's first key, and the old one can be dropped."""

from io import StringIO

import pytest
from django.apps import apps as installed
from django.core.management import CommandError, call_command
from django.db.models import TextField

from apps.console import sealed
from apps.core import clock, vault
from apps.notices.models import Endpoint
from apps.payments.models import PayoutMethod
from apps.turkapi.models import AccessKey
from apps.turkapi.services import keys
from tests.factories import OrganizationFactory, WorkerFactory, member

pytestmark = pytest.mark.django_db
OLD, NEW = "an old key that is long enough to be one", "a new key that is long enough to be one"


def reseal() -> str:
    out = StringIO()
    call_command("reseal", stdout=out)
    return out.getvalue()


@pytest.fixture
def secrets(settings):
    """Seal an access key, an endpoint's secrets and where somebody is paid under the old key."""
    settings.VAULT_KEYS = [OLD]
    organization = OrganizationFactory()
    keys.make(organization, user=member(organization))
    now = clock.now()
    before = "\n".join(f"{now.isoformat()} {vault.seal(each)}" for each in ("one", "two"))
    Endpoint.objects.create(organization=organization, url="https://example.org/", events=["campaign.paused"],
                            sealed=vault.seal("three"), sealed_before=before, before_until=now)  # fmt: skip
    for _ in range(3):
        PayoutMethod.objects.create(
            worker=WorkerFactory(), method="paypal", sealed=vault.seal("{}"), shown="x", set_at=now
        )
    settings.VAULT_KEYS = [NEW, OLD]


def test_s10_all_is_sealed_again_and_the_old_key_can_be_dropped(secrets, settings, monkeypatch):
    monkeypatch.setattr(sealed, "AT_ONCE", 2)

    said = reseal()
    settings.VAULT_KEYS = [NEW]

    assert "payments.PayoutMethod.sealed: 3 of 3 sealed again" in said
    assert [vault.open_sealed(row.sealed) for row in PayoutMethod.objects.all()] == ["{}"] * 3
    assert vault.open_sealed(AccessKey.objects.get().secret)
    endpoint = Endpoint.objects.get()
    before = [vault.open_sealed(line.split()[1]) for line in endpoint.sealed_before.splitlines()]
    assert [vault.open_sealed(endpoint.sealed), *before] == ["three", "one", "two"]
    assert "payments.PayoutMethod.sealed: 0 of 3 sealed again" in reseal()


def test_what_no_key_opens_is_told_and_the_rest_is_sealed_again(secrets):
    PayoutMethod.objects.filter(pk=PayoutMethod.objects.first().pk).update(sealed="of a lost key")

    with pytest.raises(CommandError, match="1 are under none of the keys"):
        reseal()

    left = {(count.model, count.column): count for count in sealed.again()}[PayoutMethod, "sealed"]
    assert (left.seen, left.changed, left.shut) == (3, 0, 1)


def test_every_column_that_says_it_is_sealed_is_sealed_again():
    says = {
        (model, field.name)
        for model in installed.get_models() if model.__module__.startswith("apps.")
        for field in model._meta.get_fields() if isinstance(field, TextField)
        if "sealed" in f"{field.name} {field.help_text}".lower() or "vault" in str(field.help_text)
    }  # fmt: skip

    assert len(says) > 6
    assert says <= set(sealed.COLUMNS)
