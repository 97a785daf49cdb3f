"""Terms of work and privacy: published in versions, agreed to by each worker."""

from collections.abc import Iterable

from django.conf import settings
from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery

from apps.members import trail
from apps.members.models import Consent, Organization, Terms, User

_YEARS = settings.PAID_TO_KEPT_YEARS
# What an organization begins its own terms with.
SUGGESTION = f"""\
# What you do and what you get

You answer questions on pages. Before you take a page you see what it pays, how long it takes once that is known, \
and how it is judged. Pages are paid by default; only a person can reject one, has to write why, and you can dispute it.

# What we keep about you

Your name and e-mail address, your languages, your answers with the time they took, what you earned, and where you are \
paid. We keep no screenshots and no record of what you type. Requesters see your answers, not your e-mail address.

# What you can ask for

On your account page you can download all that we keep about you, and have yourself erased: your answers then stay \
without your name, and so do the books, as the law asks. Where a payment went stays encrypted, with its proof, for \
{_YEARS} year{"s" * (_YEARS != 1)} after the year in which it was made, and is then deleted.
"""


@transaction.atomic
def publish(organization: Organization, *, text: str, by: User | None = None) -> Terms:
    """Publish a new version of an organization's terms, or return the newest if it says just that."""
    Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)  # versions come one at a time
    newest = newest_terms(organization)
    if newest and newest.text == text:
        return newest
    version = newest.version + 1 if newest else 1
    terms = Terms.objects.create(organization=organization, version=version, text=text, published_by=by)
    trail.record(organization, verb="publish terms", subject=f"terms:{terms.pk}", actor=by, version=version)
    return terms


def newest_terms(organization: Organization) -> Terms | None:
    """Return the terms in force, None where none were published."""
    return organization.terms.order_by("-version").first()


def agree(user: User, *, terms: Terms) -> Consent:
    """Note that a person agreed to this version, and when. Run twice, the first time counts."""
    return Consent.objects.get_or_create(terms=terms, user=user)[0]


def not_agreed(user: User, *, organizations: Iterable[Organization] | QuerySet[Organization]) -> QuerySet[Terms]:
    """Return the terms in force in these organizations to which a person has not agreed."""
    newest = Terms.objects.filter(organization=OuterRef("organization")).order_by("-version").values("version")[:1]
    return (
        Terms.objects.filter(organization__in=organizations, version=Subquery(newest))
        .exclude(consents__user=user)
        .select_related("organization")
    )
