"""Organizations and their members."""

from uuid import UUID

from django.db import transaction

from apps.members import trail
from apps.members.models import Membership, Organization, Role, User


def found(name: str, *, slug: str) -> Organization:
    """Found an organization, or return the one that has this slug already."""
    return Organization.objects.get_or_create(slug=slug, defaults={"name": name})[0]


@transaction.atomic
def enrol(user: User, *, organization: Organization, role: Role, by: User | None = None) -> Membership:
    """Give `user` a role in the organization, and with it the admin's door. Run twice, it gives it once."""
    _lock(user.pk)
    membership, new = Membership.objects.get_or_create(organization=organization, user=user, role=role)
    if new:
        trail.record(organization, verb="enrol", subject=f"user:{user.pk}", actor=by, role=str(role))
    User.objects.filter(pk=user.pk, is_staff=False).update(is_staff=True)
    user.is_staff = True
    return membership


@transaction.atomic
def dismiss(membership: Membership, *, by: User) -> None:
    """Take a role away; who has none left anywhere loses the admin's door. Run twice, it is taken away once."""
    _lock(membership.user_id)
    gone, _ = Membership.objects.filter(pk=membership.pk).delete()
    if not gone:
        return
    trail.record(
        membership.organization,
        verb="dismiss",
        subject=f"user:{membership.user_id}",
        actor=by,
        role=membership.role,
    )
    User.objects.filter(pk=membership.user_id, memberships=None, is_superuser=False).update(is_staff=False)


def _lock(user: UUID) -> None:
    """Have a person's roles change one at a time: the door depends on all of them."""
    User.objects.select_for_update(no_key=True).get(pk=user)
