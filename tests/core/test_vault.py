"""S10: secrets in the database: encrypted under keys that lie elsewhere."""

import pytest

from apps.core import vault

OLD, NEW = "an old key that is long enough to be one", "a new key that is long enough to be one"


def test_what_is_kept_does_not_show_the_secret():
    assert "hunter2" not in vault.seal("hunter2")


def test_a_new_key_in_front_still_opens_what_the_old_one_sealed(settings):
    settings.VAULT_KEYS = [OLD]
    sealed = vault.seal("hunter2")

    settings.VAULT_KEYS = [NEW, OLD]

    assert vault.open_sealed(sealed) == "hunter2"


def test_what_is_sealed_again_needs_the_old_key_no_more_and_stays_as_it_is_then(settings):
    settings.VAULT_KEYS = [OLD]
    sealed = vault.seal("hunter2")

    settings.VAULT_KEYS = [NEW, OLD]
    again = vault.reseal(sealed)
    settings.VAULT_KEYS = [NEW]

    assert vault.open_sealed(again) == "hunter2"
    assert vault.reseal(again) == again
    with pytest.raises(vault.Unreadable):
        vault.reseal(sealed)


def test_without_its_key_a_secret_stays_shut(settings):
    settings.VAULT_KEYS = [OLD]
    sealed = vault.seal("hunter2")

    settings.VAULT_KEYS = [NEW]

    with pytest.raises(vault.Unreadable, match="LABELCROWD_VAULT_KEYS"):
        vault.open_sealed(sealed)


def test_a_changed_secret_is_refused():
    sealed = vault.seal("hunter2")

    with pytest.raises(vault.Unreadable):
        vault.open_sealed(sealed[:-4] + "AAA=")
