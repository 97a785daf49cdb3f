"""Account numbers as banks check them: IBAN (ISO 13616) and BIC (ISO 9362)."""

import re

from django.utils.translation import gettext as _

# Country -> how many characters its IBANs have, as the registry of ISO 13616 lists them; of others only the form is
# known.
LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BI": 27, "BR": 29,
    "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DJ": 27, "DK": 18, "DO": 28, "EE": 20, "EG": 29,
    "ES": 24, "FI": 18, "FK": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28,
    "HN": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20,
    "LB": 28, "LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19,
    "MN": 20, "MR": 27, "MT": 31, "MU": 30, "NI": 28, "NL": 18, "NO": 15, "OM": 23, "PK": 24, "PL": 28, "PS": 29,
    "PT": 25, "QA": 29, "RO": 24, "RS": 22, "RU": 33, "SA": 24, "SC": 31, "SD": 18, "SE": 24, "SI": 19, "SK": 24,
    "SM": 27, "SO": 23, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20,
    "YE": 30,
}  # fmt: skip
# Where SEPA transfers can go (EPC409-09).
SEPA = (
    "AD", "AL", "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GI", "GR", "HR", "HU",
    "IE", "IS", "IT", "LI", "LT", "LU", "LV", "MC", "MD", "ME", "MK", "MT", "NL", "NO", "PL", "PT", "RO", "RS", "SE",
    "SI", "SK", "SM", "VA",
)  # fmt: skip


class BadDestination(ValueError):
    """Nobody can be paid there; the sentence says why."""


def check_iban(text: str) -> str:
    """Return an IBAN without spaces; raise `BadDestination` unless its length and check digits fit.

    >>> check_iban("de02 1203 0000 0000 2020 51")
    'DE02120300000000202051'
    """
    iban = "".join(text.split()).upper()
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", iban):
        raise BadDestination(_("that is no IBAN: it should begin with two letters and two digits, as in DE02…"))
    length = LENGTHS.get(iban[:2], len(iban))
    if len(iban) != length:
        raise BadDestination(
            _("that IBAN has %(n)s characters; those of %(country)s have %(length)s")
            % {"n": len(iban), "country": iban[:2], "length": length}
        )
    if int("".join(str(int(char, 36)) for char in iban[4:] + iban[:4])) % 97 != 1:  # ISO 7064, mod 97-10
        raise BadDestination(_("that IBAN has a mistake in it: its check digits don't fit"))
    return iban


def check_bic(text: str) -> str:
    """Return a BIC in capitals, "" for none; raise `BadDestination` for what is none.

    >>> check_bic("byladem1001")
    'BYLADEM1001'
    """
    bic = "".join(text.split()).upper()
    if bic and not re.fullmatch(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?", bic):
        raise BadDestination(
            _("'%(bic)s' is no BIC: it should have 8 or 11 characters, as in BYLADEM1001") % {"bic": bic}
        )
    return bic
