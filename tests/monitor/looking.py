"""What a monitor reads."""

from django.test import Client


def figures(client: Client, **headers: str) -> dict[str, float]:
    """Return the figures of `/metrics`, by name and labels."""
    answer = client.get("/metrics", headers=headers)
    assert answer.status_code == 200
    lines = [line for line in answer.content.decode().splitlines() if not line.startswith("#")]
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}
