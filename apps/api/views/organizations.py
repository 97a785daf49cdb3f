"""The caller's organization: its members and tokens, its workers' terms, invitations, and the trail."""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.base import Endpoint
from apps.api.callers import Caller
from apps.api.finding import one, organization, workers
from apps.api.paging import choice, flag, moment, text, uid
from apps.api.permissions import SEES
from apps.api.verbs import verb
from apps.api.wire.base import Empty
from apps.api.wire.organizations import (
    EnrolledOut,
    InvitationIn,
    InvitationOut,
    InvitedOut,
    MadeTokenOut,
    MembershipIn,
    MembershipOut,
    OrganizationChange,
    OrganizationOut,
    TermsOut,
    TermsPublished,
    TokenIn,
    TokenOut,
    TrailOut,
)
from apps.members import accounts, consent, services, trail
from apps.members.models import Membership, Organization, Role, Terms, Token, Trail, User
from apps.pipeline import flow
from apps.workforce import inviting
from apps.workforce.models import Invitation, Worker


class Own(Endpoint):
    @verb("Show the organization", gives=OrganizationOut)
    def get(self, request: Request) -> Organization:
        return organization(self.caller)

    @verb("Change its name, or whom workers may ask", takes=OrganizationChange, gives=OrganizationOut)
    def patch(self, request: Request, given: dict[str, Any]) -> Organization:
        return services.describe(organization(self.caller), by=self.caller.user, **given)


class Memberships(Endpoint):
    @verb("List who has which role", lists=MembershipOut, filters={"user": uid("user"),
          "role": choice("role", Role.values)})  # fmt: skip
    def get(self, request: Request) -> QuerySet[Membership]:
        return memberships(self.caller)

    @verb("Give somebody a role", takes=MembershipIn, gives=EnrolledOut, status=201, shows_secret=True)
    def post(self, request: Request, given: dict[str, Any]) -> Response:
        by = self.caller.user
        user, password = accounts.log_in(given["email"], name=given["name"], of=self.caller.organization)
        if user == by:
            raise PermissionDenied("nobody changes their own roles")
        made = services.enrol(user, organization=organization(self.caller), role=Role(given["role"]), by=by)
        shown = EnrolledOut({"id": made.pk, "user": user.pk, "role": made.role, "password": password})
        return Response(shown.data, status=201)


class OneMembership(Endpoint):
    @verb("Show a membership", gives=MembershipOut)
    def get(self, request: Request, membership_id: int) -> Membership:
        return one(memberships(self.caller), pk=membership_id)

    @verb("Take a role away", status=204)
    def delete(self, request: Request, membership_id: int) -> None:
        row, by = one(memberships(self.caller), pk=membership_id), self.caller.user
        if row.user_id == by.pk:
            raise PermissionDenied("nobody changes their own roles")
        services.dismiss(row, by=by)


class Tokens(Endpoint):
    @verb("List tokens", lists=TokenOut, filters={"user": uid("user"), "revoked": flag("revoked_at__isnull", no=True)})
    def get(self, request: Request) -> QuerySet[Token]:
        return tokens(self.caller)

    @verb("Make a token; it is shown once", takes=TokenIn, gives=MadeTokenOut, status=201, shows_secret=True)
    def post(self, request: Request, given: dict[str, Any]) -> Response:
        user, worker = self._member(given.pop("user", None)), self._worker(given.pop("worker", None))
        made, secret = services.make_token(
            organization(self.caller), user=user, worker=worker, by=self.caller.user, **given
        )
        return Response(MadeTokenOut({"id": made.pk, "token": secret}).data, status=201)

    def _member(self, user_id: UUID | None) -> User | None:
        if user_id is None:
            return None
        of = self.caller.organization
        found = User.objects.filter(pk=user_id).first()
        belongs = memberships(self.caller).filter(user=user_id).exists() or (
            Worker.objects.filter(organization=of, user=user_id).exists()
        )
        if found is None or not belongs:
            raise Http404(f"there is no member or worker {user_id} here")
        return found

    def _worker(self, worker_id: UUID | None) -> UUID | None:
        return None if worker_id is None else one(workers(self.caller), pk=worker_id).pk


class OneToken(Endpoint):
    @verb("Show a token", gives=TokenOut)
    def get(self, request: Request, token_id: UUID) -> Token:
        return one(tokens(self.caller), pk=token_id)


class RevokeToken(Endpoint):
    @verb("Let nobody in by a token any more", takes=Empty, gives=TokenOut)
    def post(self, request: Request, token_id: UUID, given: dict[str, Any]) -> Token:
        row = one(tokens(self.caller), pk=token_id)
        services.revoke(row, by=self.caller.user)
        row.refresh_from_db()
        return row


class TermsOfWork(Endpoint):
    @verb("List the versions of what workers agree to", lists=TermsOut)
    def get(self, request: Request) -> QuerySet[Terms]:
        return Terms.objects.filter(organization=self.caller.organization)

    @verb("Publish a version; every worker is asked to agree again", takes=TermsPublished, gives=TermsOut, status=201)
    def post(self, request: Request, given: dict[str, Any]) -> Terms:
        return consent.publish(organization(self.caller), text=given["text"], by=self.caller.user)


class Invitations(Endpoint):
    @verb("List who is invited to work", lists=InvitationOut, filters={
          "email": text("email"), "state": choice("state", Invitation.State.values)})  # fmt: skip
    def get(self, request: Request) -> QuerySet[Invitation]:
        return invitations(self.caller)

    @verb("Invite somebody to work, by mail", takes=InvitationIn, gives=InvitedOut, status=201, shows_secret=True)
    def post(self, request: Request, given: dict[str, Any]) -> Response:
        made = flow.invite(organization(self.caller), by=self.caller.user, **given)
        return Response({**InvitationOut(made).data, "link": flow.link_of(made)}, status=201)


class OneInvitation(Endpoint):
    @verb("Show an invitation", gives=InvitationOut)
    def get(self, request: Request, invitation_id: UUID) -> Invitation:
        return one(invitations(self.caller), pk=invitation_id)


class WithdrawInvitation(Endpoint):
    @verb("Take an invitation back", takes=Empty, gives=InvitationOut)
    def post(self, request: Request, invitation_id: UUID, given: dict[str, Any]) -> Invitation:
        row = one(invitations(self.caller), pk=invitation_id)
        inviting.withdraw(row, by=self.caller.user)
        row.refresh_from_db()
        return row


class Decisions(Endpoint):
    @verb("List what was decided, by whom and why", lists=TrailOut, filters={
          "verb": text("verb"), "subject": text("subject"), "actor": uid("actor"), "since": moment("at__gte"),
          "until": moment("at__lt")})  # fmt: skip
    def get(self, request: Request) -> QuerySet[Trail]:
        of, roles = self.caller.organization, self.caller.bearer.roles
        rows = Trail.objects.filter(organization=of)
        return trail.telling(rows, seers_of=[] if roles.isdisjoint(SEES.roles) else [of])


def memberships(caller: Caller) -> QuerySet[Membership]:
    return Membership.objects.filter(organization=caller.organization).select_related("user")


def tokens(caller: Caller) -> QuerySet[Token]:
    return Token.objects.filter(organization=caller.organization)


def invitations(caller: Caller) -> QuerySet[Invitation]:
    return Invitation.objects.filter(organization=caller.organization)
