"""A worker's own account: what they agreed to, where they are paid, what is held about them, being erased."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.base import Endpoint
from apps.api.problems import CONTENT_TYPE
from apps.api.verbs import verb
from apps.api.views.working import workers_of
from apps.api.wire.account import (
    AccountChange,
    AgreementIn,
    AgreementOut,
    OwnAccountOut,
    PayoutMethodIn,
    PayoutMethodOut,
    PayoutMethodPage,
    WaitingTermsOut,
    WaitingTermsPage,
)
from apps.api.wire.base import Empty, ProblemOut
from apps.members import accounts, consent
from apps.members.models import Terms, User
from apps.payments import destinations, services
from apps.payments import queries as payments
from apps.payments.destinations import Destination
from apps.payments.models import Method
from apps.pipeline import flow
from apps.reports import own_data
from apps.workforce import queries as workforce
from apps.workforce import services as workforce_services


class Own(Endpoint):
    """What needs a person: a token of a worker without a log-in has none of it."""

    @property
    def person(self) -> User:
        """Return the person as whom the caller works; raise `Http404` for who is no worker, or has no log-in."""
        found = [worker.user for worker in workers_of(self.caller) if worker.user is not None]
        if not found:
            raise Http404("you are no worker here who can log in")
        return found[0]


class Account(Own):
    @verb("Show the worker's own account", gives=OwnAccountOut)
    def get(self, request: Request) -> dict[str, Any]:
        return _account(self.person)

    @verb("Change how one is called, the languages one speaks, and those of pages", takes=AccountChange,
          gives=OwnAccountOut)  # fmt: skip
    def patch(self, request: Request, given: dict[str, Any]) -> dict[str, Any]:
        user = self.person
        if "languages" in given:
            workforce_services.speak(user, languages=given.pop("languages"))
        if given:
            known = {"name": user.name, "language": user.language, "time_zone": user.time_zone}
            accounts.prefer(user, **{**known, **given})
        return _account(user)


class OwnData(Own):
    @extend_schema(
        summary="Fetch everything that is held about the worker",
        responses={200: OpenApiTypes.OBJECT, ("default", CONTENT_TYPE): ProblemOut},
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        return StreamingHttpResponse(own_data.parts(self.person), content_type="application/json")


class Erasure(Own):
    @verb("Have the worker erased as soon as nothing is owed", takes=Empty, gives=OwnAccountOut, status=202)
    def post(self, request: Request, given: dict[str, Any]) -> dict[str, Any]:
        user = self.person
        flow.ask_for_erasure(user)
        user.refresh_from_db()
        return _account(user)

    @verb("Take the wish to be erased back", status=204)
    def delete(self, request: Request) -> None:
        accounts.keep_after_all(self.person)


class Agreements(Own):
    @verb("List the terms in force that the worker has not agreed to", gives=WaitingTermsPage)
    def get(self, request: Request) -> Response:
        return Response({"results": WaitingTermsOut(self._waiting(self.person), many=True).data})

    @verb("Agree to terms in force", takes=AgreementIn, gives=AgreementOut, status=201)
    def post(self, request: Request, given: dict[str, Any]) -> Response:
        user = self.person
        terms = Terms.objects.filter(
            pk=given["terms"], organization__in=workforce.own_organizations(user)
        ).first()  # fmt: skip
        if terms is None:
            raise Http404(f"there are no terms {given['terms']} here")
        made = consent.agree(user, terms=terms)
        return Response(AgreementOut({"terms": terms.pk, "at": made.at}).data, status=201)

    def _waiting(self, user: User) -> QuerySet[Terms]:
        return consent.not_agreed(user, organizations=workforce.own_organizations(user)).order_by("pk")


class PayoutMethods(Own):
    @verb("Show where the worker is paid, masked", gives=PayoutMethodPage)
    def get(self, request: Request) -> Response:
        kept = payments.payout_methods(workforce.identities(self.person))
        return Response({"results": PayoutMethodOut(kept, many=True).data})

    @verb("Say where the worker is to be paid", takes=PayoutMethodIn, gives=PayoutMethodPage)
    def put(self, request: Request, given: dict[str, Any]) -> Response:
        services.set_own_payout_method(self.person, method=_destination(given))
        return Response({"results": PayoutMethodOut(payments.payout_methods(workforce.identities(self.person)),
                                                    many=True).data})  # fmt: skip

    @verb("Forget where the worker is paid", status=204)
    def delete(self, request: Request) -> None:
        services.forget_own_payout_method(self.person)


def _destination(given: dict[str, Any]) -> Destination:
    if given["method"] == Method.PAYPAL:
        return destinations.paypal(address=given["address"])
    return destinations.bank_account(name=given["name"], iban=given["iban"])


def _account(user: User) -> dict[str, Any]:
    workers = list(workforce.identities(user))
    return {
        "email": user.email,
        "name": user.name,
        "languages": sorted({code for worker in workers for code in worker.languages}),
        "language": user.language,
        "time_zone": user.time_zone,
        "erasure_asked_at": user.erasure_asked_at,
        "is_owed": payments.is_owed(workers),
    }
