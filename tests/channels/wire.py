"""boto3's client as it is, over sockets, to wherever the service is looked for."""

from typing import Any

import boto3
from botocore.config import Config

from apps.members.models import User
from apps.turkapi.services import keys
from tests.turkapi.over_boto3 import organization_of


def over(address: str, user: User, **config: Any) -> Any:
    """Return a client for a requester, with a key of theirs; it retries nothing by itself."""
    key, secret = keys.make(organization_of(user), user=user)
    return boto3.client(
        "mturk", endpoint_url=f"{address}/mturk/", region_name="us-east-1", aws_access_key_id=key.pk,
        aws_secret_access_key=secret, config=Config(retries={"total_max_attempts": 1}, **config),
    )  # fmt: skip
