"""The one address of the API: whoever posts a signed request is answered as MTurk would."""

import logging
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.csrf import csrf_failure
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from apps.core import ids, rates
from apps.turkapi import signing, wire
from apps.turkapi.errors import Malformed, Refused
from apps.turkapi.operations import carry_out
from apps.turkapi.services import tokens
from labelcrowd.faults import BadBody

log = logging.getLogger(__name__)


@csrf_exempt  # no cookie counts here: the signature says who asks
@require_POST
@never_cache
def endpoint(request: HttpRequest) -> HttpResponse:
    """Verify who asks, check what is asked against the service's model, do it, and answer."""
    try:
        rates.ask("address", rates.address(request))
        caller = signing.caller_of(request)
        rates.ask("account", str(caller.user.pk))  # after its signature: nobody empties another's bucket
        operation = wire.operation_of(request)
        given = wire.given(request, operation)
        call = tokens.call_of(caller.key, request.headers.get("Amz-Sdk-Invocation-Id"), request.body)
        return _answer(carry_out(operation.name, caller, given, call=call))
    except Refused as error:
        return _refusal(error)
    except BadBody as error:  # it was not verified, for it was not read
        return _refusal(Malformed("SerializationException", str(error), status=error.status))
    except rates.TooMany as full:  # in the words that AWS' programs know to wait at, and to try again
        return _refusal(Malformed("ThrottlingException", f"Rate exceeded: {full}"))
    except Exception:  # the client should know that the outcome is not known, in its own words
        log.exception("operation %s failed", request.headers.get("X-Amz-Target"))
        return _answer({"__type": "ServiceFault", "Message": "the service failed: try again later"}, status=500)


@never_cache  # what a form held may come back in it
def elsewhere(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a post without a token: a client of the API, which keeps no cookies, is told where that is."""
    if "X-Amz-Target" not in request.headers:
        return csrf_failure(request, reason)
    at = request.build_absolute_uri(reverse("turkapi:endpoint"))
    said = f"MTurk's API is at {at}: name that as the endpoint_url, or in AWS_ENDPOINT_URL_MTURK"
    return _refusal(Malformed("UnknownOperationException", said, status=404))


def _refusal(error: Refused) -> HttpResponse:
    body: dict[str, Any] = {"__type": error.type, "Message": str(error)}
    if error.code:
        body["TurkErrorCode"] = error.code
    return _answer(body, status=error.status)


def _answer(body: dict[str, Any], *, status: int = 200) -> HttpResponse:
    answer = HttpResponse(wire.written(body), content_type=wire.TYPE, status=status)
    answer["x-amzn-RequestId"] = str(ids.new_id())
    return answer
