"""Questions about who may act for whom."""

from django.db.models import QuerySet

from apps.members.models import Organization, Role, User


def organizations(user: User) -> QuerySet[Organization]:
    """Return the organizations of which `user` is a member, in any role."""
    return Organization.objects.filter(memberships__user=user).distinct()


def roles(user: User, organization: Organization) -> frozenset[str]:
    """Return the roles of `user` in `organization`."""
    return frozenset(organization.memberships.filter(user=user).values_list("role", flat=True))


def with_role(user: User, *allowed: Role) -> QuerySet[Organization]:
    """Return the organizations in which `user` has one of the roles; an admin has them all."""
    return Organization.objects.filter(memberships__user=user, memberships__role__in=[*allowed, Role.ADMIN]).distinct()
