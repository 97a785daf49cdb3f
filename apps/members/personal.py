"""What is held about people as users."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator

from apps.core.privacy import Held, Person, Rows
from apps.members import accounts
from apps.members.models import Consent, Token, Trail, User

OF_TWO = ("link", "clear link")  # accounts that look like one person's


def _account(person: Person) -> Rows:
    names = ("email", "name", "language", "time_zone", "joined_at", "last_login", "erasure_asked_at")
    rows: Rows = User.objects.filter(pk=person.user).values(*names)
    return rows


def _consents(person: Person) -> Rows:
    rows = Consent.objects.filter(user=person.user).order_by("pk")
    return rows.values("terms__organization__name", "terms__version", "at")


def _decisions(person: Person) -> Rows:
    """Return what was decided about them as workers; who else is taken for them, and why, would tell of the other."""
    rows = Trail.objects.filter(subject__in=[f"worker:{worker}" for worker in person.workers]).order_by("pk")
    return rows.exclude(verb__in=OF_TWO).values("verb", "subject", "reason", "data", "at")


def _own_decisions(person: Person) -> Rows:
    return Trail.objects.filter(actor=person.user).order_by("pk").values("verb", "subject", "reason", "at")


def _forget(person: Person) -> None:
    accounts.erase(User.objects.get(pk=person.user))


HELD = [
    Held(User, "account", _account, _forget),  # with the three below
    Held(EmailAddress, forget=_forget),
    Held(Authenticator, forget=_forget),
    Held(Token, forget=_forget),
    Held(Consent, "consents", _consents),
    Held(Trail, "decisions", _decisions),
    Held(Trail, "own_decisions", _own_decisions),
]
