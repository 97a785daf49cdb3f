"""P19: asked by a program that nobody here wrote, the API is what its schema says, and never answers 500.

Schemathesis makes requests of the schema for every address and method: as a stranger, a worker, a requester, finance
and an admin. SCHEMATHESIS_EXAMPLES says how many of each: one goes through all of it in every run of the tests, and
`SCHEMATHESIS_EXAMPLES=30 make test ARGS=tests/api/test_by_schemathesis.py` looks closer, for some ten minutes.
"""

import os
import re
import subprocess
from pathlib import Path

import pytest
from machine import bearer, machine
from rooms import methods, rooms, routes

from apps.api.permissions import OPEN
from apps.members.models import Role, Scope
from tests.running import worker_of

BIN = Path(__file__).parents[2] / "var" / "api_oracles" / "bin"
EXAMPLES = os.environ.get("SCHEMATHESIS_EXAMPLES", "1")
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not (BIN / "st").exists(), reason="NOT ASKED by schemathesis: run `make api-oracles` first"),
]


def header_of(who: str) -> list[str]:
    """Return the header of a caller in an organization where everything has happened once."""
    house, _ = rooms()
    if who == "stranger":
        return []
    if who == "worker":
        client = bearer(house.organization, Scope.WORK, worker=worker_of(house.campaign).pk)
    else:
        client = machine(house.organization, Role(who))
    return ["-H", f"Authorization: {client.defaults['HTTP_AUTHORIZATION']}"]


@pytest.mark.parametrize("who", ["stranger", "worker", "requester", "finance", "admin"])
def test_p19_the_api_is_what_its_schema_says_and_never_answers_500(live_server, who, tmp_path):
    told = subprocess.run(
        [BIN / "st", "run", f"{live_server.url}/api/v1/schema/", "--max-examples", EXAMPLES,
         "--checks", CHECKS, "--phases", "fuzzing", "--workers", "1", "--seed", "1",
         "--suppress-health-check", "all", "--request-timeout", "60", "--max-failures", "20", *header_of(who)],
        cwd=tmp_path, capture_output=True, text=True, timeout=max(600, 60 * int(EXAMPLES)),
    )  # fmt: skip

    assert told.returncode == 0, told.stdout[-8000:] + told.stderr[-2000:]
    asked = re.search(r"Tested: (\d+)", told.stdout)
    calls = sum(len(methods(pattern)) for name, pattern in routes().items() if name not in OPEN)
    assert asked is not None
    assert int(asked[1]) == calls
