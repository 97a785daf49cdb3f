"""The alert rules are what Prometheus reads, and of figures that there are. What to do about each: operations.md."""

import re
from pathlib import Path

import promql_parser
import pytest
import yaml

from apps.channels.models import Publication
from apps.core import clock
from apps.pipeline.models import Schedule
from tests.running import running

pytestmark = pytest.mark.django_db
FILE = Path(__file__).parents[2] / "infra" / "monitoring" / "alerts.yaml"
RULES = [rule for group in yaml.safe_load(FILE.read_text())["groups"] for rule in group["rules"]]
SEVERITIES = {"page", "warn", "info"}
ITS_OWN = {"up"}  # Prometheus notes of each server whether it answered


def figures_read(expression: str) -> set[str]:
    """Return the names of the series that an expression reads; raise `ValueError` where Prometheus would refuse it."""
    names = set()

    def note(part):
        if isinstance(part, promql_parser.VectorSelector):
            names.add(part.name)
        elif isinstance(part, promql_parser.MatrixSelector):
            names.add(part.vector_selector.name)

    promql_parser.walk(promql_parser.parse(expression), note)
    return names


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_is_a_comparison_with_a_severity_and_a_sentence(rule):
    assert set(rule) - {"for"} == {"alert", "expr", "labels", "annotations"}
    assert isinstance(promql_parser.parse(rule["expr"]), promql_parser.BinaryExpr)
    assert promql_parser.parse_duration(rule.get("for", "1s"))
    assert rule["labels"]["severity"] in SEVERITIES
    assert rule["annotations"]["summary"].endswith(".")


@pytest.mark.parametrize(
    "wrong", ["x >", "no_function(x) > 1", "min_over_time(x) > 1", "x{job=y} > 1", "rate(x[5m) > 1"]
)
def test_the_reader_sees_what_it_is_for(wrong):
    with pytest.raises(ValueError, match=r"."):
        promql_parser.parse(wrong)


def test_every_figure_that_an_alert_reads_is_one_that_is_told(client, settings, tmp_path):
    settings.BACKUP_FOLDER = tmp_path
    Publication.objects.create(
        campaign=running(items=1), channel="mturk", asked=1, reward=5, fee=1, lease_seconds=60, expires_at=clock.now()
    )
    Schedule.objects.update_or_create(name="sweep", defaults={"every_seconds": 30})
    told = set(re.findall(r"^(\w+)[ {]", client.get("/metrics").content.decode(), re.MULTILINE))

    read = set().union(*(figures_read(rule["expr"]) for rule in RULES))

    assert len(read) > 10
    assert read - told == ITS_OWN
