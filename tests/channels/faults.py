"""A market between which and us things go wrong: before-send handlers of boto3 that lose, delay and spoil answers."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ConnectionClosedError, EndpointConnectionError, ReadTimeoutError

from tests.turkapi.over_boto3 import Body, send

HEADERS = {"Content-Type": "application/x-amz-json-1.1", "x-amzn-RequestId": "r"}


def answered(request: AWSPreparedRequest, status: int, body: bytes) -> AWSResponse:
    return AWSResponse(request.url, status, HEADERS, Body(body))


def reset_after(request: AWSPreparedRequest) -> AWSResponse:
    send(request)
    raise ConnectionClosedError(endpoint_url=request.url)


def timed_out_after(request: AWSPreparedRequest) -> AWSResponse:
    send(request)
    raise ReadTimeoutError(endpoint_url=request.url)


def failed_after(request: AWSPreparedRequest) -> AWSResponse:
    send(request)
    return answered(request, 500, json.dumps({"__type": "ServiceFault", "Message": "try again"}).encode())


def cut_off(request: AWSPreparedRequest) -> AWSResponse:
    send(request)
    return answered(request, 200, b"{}")


def not_json(request: AWSPreparedRequest) -> AWSResponse:
    whole = send(request)
    return answered(request, 200, whole.content[: len(whole.content) // 2] or b"{")


def throttled(request: AWSPreparedRequest) -> AWSResponse:
    body = {"__type": "ThrottlingException", "message": "Rate exceeded"}
    return answered(request, 400, json.dumps(body).encode())


def unreachable(request: AWSPreparedRequest) -> AWSResponse:
    raise EndpointConnectionError(endpoint_url=request.url)


def unavailable(request: AWSPreparedRequest) -> AWSResponse:
    return answered(request, 503, b"")


def a_page(request: AWSPreparedRequest) -> AWSResponse:
    """Something in between says that all is well: a captive portal, a proxy's page."""
    return AWSResponse(request.url, 200, {"Content-Type": "text/html"}, Body(b"<html>Please log in</html>"))


def nothing(request: AWSPreparedRequest) -> AWSResponse:
    return answered(request, 200, b"")


def no_object(request: AWSPreparedRequest) -> AWSResponse:
    return answered(request, 200, b"[]")


def unsigned(request: AWSPreparedRequest) -> AWSResponse:
    """What reads like the market's word for "done", of something that is not the market."""
    return AWSResponse(request.url, 200, {"Content-Type": "application/json"}, Body(b"{}"))


def fine(request: AWSPreparedRequest) -> AWSResponse:
    return send(request)


Fault = Callable[[AWSPreparedRequest], AWSResponse]
AFTER: tuple[Fault, ...] = (reset_after, timed_out_after, failed_after, cut_off, not_json)
FALSE: tuple[Fault, ...] = (a_page, nothing, no_object, unsigned)  # a 200, and the request never arrived
BEFORE: tuple[Fault, ...] = (throttled, unreachable, unavailable, *FALSE)
ALL: tuple[Fault, ...] = (*AFTER, *BEFORE, fine)


def between(client: Any, faults: Iterator[Fault]) -> Any:
    """Put these faults between boto3's client and the service, one for each request; then nothing goes wrong."""
    client.meta.events.unregister("before-send.mturk", send)

    def handler(request: AWSPreparedRequest, **kwargs: Any) -> AWSResponse:
        return next(faults, fine)(request)

    client.meta.events.register("before-send.mturk", handler)
    return client
