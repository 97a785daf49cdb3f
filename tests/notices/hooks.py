"""Webhooks as tests add them, and what a receiver makes of a signature."""

import base64
import hashlib
import hmac

from apps.notices import services
from apps.notices.models import Event

ALL = list(Event)


def listening(organization, receiver, *events, path="/hook"):
    return services.add_endpoint(
        organization, url=f"http://127.0.0.1:{receiver.server_port}{path}", events=events or ALL
    )


def is_signed(receiver, number, secret):
    headers = {name.lower(): value for name, value in receiver.headers_seen[number].items()}
    body = receiver.seen[number][2]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mine = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    return f"v1,{mine}" in headers["webhook-signature"].split(" ")
