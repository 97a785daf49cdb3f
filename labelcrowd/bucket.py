"""A bucket of S3, or of what speaks its language: how it is asked, and from which origin browsers fetch.

Region, credentials and `AWS_ENDPOINT_URL_S3` come from where every AWS program looks for them.
"""

import os
from typing import Any
from urllib.parse import urlsplit

from botocore import UNSIGNED
from botocore.config import Config
from botocore.session import Session

# A bucket that says nothing must not hold a request for the five minutes that are botocore's own.
PATIENCE: dict[str, Any] = {"connect_timeout": 3, "read_timeout": 30, "retries": {"total_max_attempts": 2}}


def storage(name: str) -> dict[str, Any]:
    """Return the entry of STORAGES for a bucket.

    Signature Version 4, for buckets made since June 2020 take no other; at AWS the region's own host, for what is
    signed for the general one is not good where that redirects to; elsewhere the bucket is part of the path, which
    servers without wildcard names understand too.
    """
    options = {
        "bucket_name": name, "default_acl": None, "file_overwrite": False, "querystring_expire": 3600,
        "client_config": Config(signature_version="s3v4", s3=_style(), **PATIENCE),
    }  # fmt: skip
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}


def origin(name: str) -> str:
    """Return the origin of the addresses that are signed, which pages must be allowed to fetch from.

    botocore is asked for an address: how it is written depends on the region (China's have another domain), on what a
    configuration file says, and on the name (one with dots can't be a part of a host that speaks TLS).
    """
    client = Session().create_client(
        "s3", region_name=_region(), config=Config(signature_version=UNSIGNED, s3=_style(), **PATIENCE)
    )
    where = urlsplit(client.generate_presigned_url("get_object", Params={"Bucket": name, "Key": "any"}))
    return f"{where.scheme}://{where.netloc}"


def _region() -> str:
    return Session().get_config_variable("region") or "us-east-1"


def _style() -> dict[str, str]:
    return {"addressing_style": "path" if _endpoint() else "virtual"}


def _endpoint() -> str:
    return os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or ""
