"""Secrets that must be read back, such as an access key's or where somebody is paid, kept encrypted in the database.

The keys lie outside the database (`settings.VAULT_KEYS`), so a stolen dump tells nothing. The first encrypts, all of
them decrypt: a key is rotated by putting a new one first, sealing everything again (`manage.py reseal`), and dropping
the old one.
"""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from apps.core.conflicts import Conflicting


class Unreadable(Conflicting):
    """What was to be opened was sealed under another key, or was changed."""


def seal(secret: str) -> str:
    """Return `secret` encrypted and authenticated (Fernet: AES-128-CBC, HMAC-SHA-256), as text of about 4/3 its length.

    >>> open_sealed(seal("IBAN DE02 1203 0000 0000 2020 51"))
    'IBAN DE02 1203 0000 0000 2020 51'
    >>> seal("the same") == seal("the same")
    False
    """
    return _box().encrypt(secret.encode()).decode()


def open_sealed(sealed: str) -> str:
    """Return the secret again, or raise `Unreadable`."""
    try:
        return _box().decrypt(sealed).decode()
    except InvalidToken:
        raise Unreadable(
            "this secret was sealed under a key that is not among LABELCROWD_VAULT_KEYS: an operator should put it "
            "there, behind the one that there is (it is what var/vault_key held where this was sealed)",
            field="LABELCROWD_VAULT_KEYS",
            found="without the key that this was sealed under",
            wanted="that key among them",
        ) from None


def reseal(sealed: str) -> str:
    """Return the same secret sealed under the first key: as it is, if it was so already. May raise `Unreadable`."""
    try:
        _boxes()[0].decrypt(sealed)
    except InvalidToken:
        return seal(open_sealed(sealed))
    return sealed


def fingerprint(value: str, *, of: str) -> str:
    """Return a keyed digest (HMAC-SHA-256) of what is not to be kept: the same for the same value of the same kind.

    Addresses are few enough to try them all, so without the key a digest must tell nothing. Under a new first key all
    begin anew.

    >>> fingerprint("ada@example.org", of="payout") == fingerprint("ada@example.org", of="payout")
    True
    >>> fingerprint("ada@example.org", of="payout") == fingerprint("ada@example.org", of="device")
    False
    """
    key = hashlib.sha256(f"fingerprint:{settings.VAULT_KEYS[0]}".encode()).digest()
    return hmac.new(key, f"{of}:{value}".encode(), hashlib.sha256).hexdigest()


def _box() -> MultiFernet:
    return MultiFernet(_boxes())


def _boxes() -> list[Fernet]:
    # A key is any long text: its hash has the 32 bytes that Fernet wants.
    digests = (hashlib.sha256(key.encode()).digest() for key in settings.VAULT_KEYS)
    return [Fernet(base64.urlsafe_b64encode(digest)) for digest in digests]
