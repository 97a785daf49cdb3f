"""Signature Version 4: the request is signed again with botocore's own signer, and the signatures compared."""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hmac import compare_digest

from botocore.auth import SIGV4_TIMESTAMP, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from django.db.models import Q
from django.http import HttpRequest

from apps.core import clock, vault
from apps.members import queries as members
from apps.members.models import Organization, Role, User
from apps.turkapi.errors import Malformed
from apps.turkapi.models import AccessKey

SKEW = timedelta(minutes=15)  # as AWS allows
SERVICE = "mturk-requester"
_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[A-Z0-9]{16,32})/(?P<day>\d{8})/(?P<region>[a-z0-9-]{1,64})/"
    rf"{SERVICE}/aws4_request, ?SignedHeaders=(?P<headers>[a-z0-9;-]+), ?Signature=(?P<signature>[0-9a-f]{{64}})"
)
MUST = {"host", "x-amz-date", "x-amz-target"}  # what a stolen signature must not be put on another of


@dataclass(frozen=True)
class Caller:
    """For whom a request acts, and in whose name."""

    organization: Organization
    user: User
    key: str


def caller_of(request: HttpRequest) -> Caller:
    """Return who signed the request; raise `Malformed` as AWS does where nobody did who may."""
    found = _AUTHORIZATION.fullmatch(request.headers.get("Authorization", ""))
    if found is None:
        raise Malformed("MissingAuthenticationTokenException", "Request is missing Authentication Token", status=403)
    names = set(found["headers"].split(";"))
    if missing := MUST - names:
        raise Malformed("IncompleteSignatureException", f"these headers have to be signed: {sorted(missing)}")
    day, stamp = found["day"], request.headers.get("X-Amz-Date", "")
    _check_time(day, stamp)
    key = AccessKey.objects.select_related("organization", "user").filter(_alive(), pk=found["key"]).first()
    # An unknown key is signed for too, so that the time taken does not tell which keys there are.
    secret = vault.open_sealed(key.secret) if key is not None else "no such key"
    signature = _signature(request, names, Credentials(found["key"], secret), region=found["region"], stamp=stamp)
    if not compare_digest(signature, found["signature"]) or key is None:
        if key is None:
            raise Malformed(
                "UnrecognizedClientException", "The security token included in the request is invalid.", status=403
            )
        raise Malformed(
            "InvalidSignatureException",
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
            "Access Key and signing method.",
            status=403,
        )
    _check_member(key)
    return Caller(key.organization, key.user, key.pk)


def _check_time(day: str, stamp: str) -> None:
    try:
        at = datetime.strptime(stamp, SIGV4_TIMESTAMP).replace(tzinfo=UTC)
    except ValueError:
        raise Malformed("IncompleteSignatureException", f"X-Amz-Date is {stamp[:40]!r}, not a time") from None
    if abs(clock.now() - at) > SKEW or not stamp.startswith(day):
        raise Malformed("InvalidSignatureException", f"Signature expired: {stamp} is not now", status=403)


def _signature(request: HttpRequest, names: set[str], credentials: Credentials, *, region: str, stamp: str) -> str:
    body = request.body
    headers = {name: request.headers.get(name, "") for name in names}
    claimed = headers.get("x-amz-content-sha256")
    if claimed is not None and claimed != hashlib.sha256(body).hexdigest():
        raise Malformed("InvalidSignatureException", "X-Amz-Content-SHA256 is not the body's", status=403)
    signed = AWSRequest(method=request.method, url=request.build_absolute_uri(), headers=headers, data=body)
    # Over https botocore leaves the body out where it is told to; we are not.
    signed.context.update(timestamp=stamp, payload_signing_enabled=True)
    signer = SigV4Auth(credentials, SERVICE, region)
    text = signer.string_to_sign(signed, signer.canonical_request(signed))
    return str(signer.signature(text, signed))


def _alive() -> Q:
    """Return the condition that a key was not revoked, nor the token that made it, which has not ended either."""
    return Q(revoked_at=None) & (Q(token=None) | Q(token__revoked_at=None, token__expires_at__gt=clock.now()))


def _check_member(key: AccessKey) -> None:
    """Refuse a key in the name of somebody who is a requester there no more."""
    allowed = {Role.REQUESTER, Role.ADMIN}
    if not key.user.is_active or not members.roles(key.user, key.organization) & allowed:
        raise Malformed(
            "AccessDeniedException",
            f"{key.user.email} is no requester of {key.organization} any more, so this key opens nothing",
            status=403,
        )
