"""A bucket of S3, or of what speaks its language: how it is asked, and from which origin browsers fetch.

Region, credentials and `AWS_ENDPOINT_URL_S3` come from where every AWS program looks for them.
"""

import os
from typing import Any
from urllib.parse import urlsplit

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
    style = {"addressing_style": "path" if _endpoint() else "virtual"}
    options = {
        "bucket_name": name, "default_acl": None, "file_overwrite": False, "querystring_expire": 3600,
        "client_config": Config(signature_version="s3v4", s3=style, **PATIENCE),
    }  # fmt: skip
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}


def origin(name: str) -> str:
    """Return the origin of the addresses that are signed, which pages must be allowed to fetch from."""
    if endpoint := _endpoint():
        where = urlsplit(endpoint)
        return f"{where.scheme}://{where.netloc}"
    region = Session().get_config_variable("region") or "us-east-1"
    return f"https://{name}.s3.amazonaws.com" if region == "us-east-1" else f"https://{name}.s3.{region}.amazonaws.com"


def _endpoint() -> str:
    return os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or ""
