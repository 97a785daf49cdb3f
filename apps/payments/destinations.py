"""Where a worker is paid: checked, written for the vault, and masked for everybody else."""

import json
import re
import unicodedata
from dataclasses import asdict, dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from apps.payments.ibans import BadDestination, check_iban
from apps.payments.models import Method

# Letters that Unicode does not take apart; banks' files hold Latin letters without marks (EPC217-08).
_PLAIN = str.maketrans({"ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "æ": "ae", "Æ": "AE", "đ": "d", "Đ": "D"})
_NOT_FOR_BANKS = re.compile(r"[^A-Za-z0-9/\-?:().,'+ ]")
LONGEST_NAME = 70


@dataclass(frozen=True)
class BankAccount:
    """An account by its IBAN (ISO 13616), and the name it is kept under."""

    name: str
    iban: str

    method = Method.BANK

    @property
    def identity(self) -> str:
        """What two accounts that are paid here share, however it is written."""
        return self.iban

    @property
    def shown(self) -> str:
        """The country and the last four.

        >>> BankAccount("Ada", "DE02120300000000202051").shown
        'DE•• •••• 2051'
        """
        return f"{self.iban[:2]}•• •••• {self.iban[-4:]}"


@dataclass(frozen=True)
class PayPal:
    """An account at PayPal by its e-mail address."""

    address: str

    method = Method.PAYPAL

    @property
    def identity(self) -> str:
        """What two accounts that are paid here share, however it is written."""
        return self.address.casefold()

    @property
    def shown(self) -> str:
        """The first letter and the domain.

        >>> PayPal("ada@example.org").shown
        'a•••@example.org'
        """
        name, _, domain = self.address.partition("@")
        return f"{name[:1]}•••@{domain}"[:80]


Destination = BankAccount | PayPal


def bank_account(*, name: str, iban: str) -> BankAccount:
    """Return the account; raise `BadDestination` where no bank could pay to it."""
    return BankAccount(check_name(name), check_iban(iban))


def paypal(*, address: str) -> PayPal:
    """Return the account; raise `BadDestination` for what is no e-mail address."""
    address = address.strip()
    try:
        validate_email(address)
    except ValidationError:
        raise BadDestination(
            _("'%(address)s' is not an e-mail address: it should be that of your PayPal account") % {"address": address}
        ) from None
    if address[0] in "=+-":
        raise BadDestination(
            _("'%(address)s' begins as a formula does, so PayPal's file can't hold it: use another address")
            % {"address": address}
        )
    return PayPal(address)


def check_name(text: str) -> str:
    """Return an account's name with single spaces; raise `BadDestination` for one that banks' files can't hold."""
    name = " ".join(text.split())
    if not re.search("[A-Za-z]", plain(name)):
        raise BadDestination(_("the account's name should be written in Latin letters, as your bank has it"))
    if len(name) > LONGEST_NAME:
        raise BadDestination(
            _("the account's name has %(n)s characters; banks take %(most)s") % {"n": len(name), "most": LONGEST_NAME}
        )
    return name


def plain(text: str) -> str:
    """Return a text in the letters that banks' files hold; others become a point.

    >>> plain("Łukasz Müller-Æble & Søn")
    'Lukasz Muller-AEble . Son'
    """
    taken_apart = unicodedata.normalize("NFKD", text.translate(_PLAIN))
    bare = "".join(char for char in taken_apart if not unicodedata.combining(char))
    return _NOT_FOR_BANKS.sub(".", bare).strip()


def write(destination: Destination) -> str:
    """Return it as text for the vault."""
    return json.dumps({"method": destination.method.value, **asdict(destination)}, ensure_ascii=False)


def read(text: str) -> Destination:
    """Return what `write` wrote."""
    values = json.loads(text)
    made: dict[str, type[BankAccount] | type[PayPal]] = {Method.BANK.value: BankAccount, Method.PAYPAL.value: PayPal}
    return made[values.pop("method")](**values)
