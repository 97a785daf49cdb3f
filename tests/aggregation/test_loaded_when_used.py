"""Processes that wait hold little: what is heavy is loaded where it is first used, by no import of ours."""

import subprocess
import sys

LOOK = """
import importlib, pkgutil, sys
import apps.aggregation
for each in pkgutil.walk_packages(apps.aggregation.__path__, "apps.aggregation."):
    importlib.import_module(each.name)
print(sorted({"scipy.stats", "scipy.optimize", "scipy.spatial"} & set(sys.modules)))
"""

# What a worker and a scheduler import before they wait.
WAIT = """
import os, sys
os.environ |= {"DJANGO_SETTINGS_MODULE": "labelcrowd.settings", "DATABASE_URL": "sqlite://:memory:"}
import django
django.setup()
import labelcrowd.worker
from django.utils.module_loading import autodiscover_modules
autodiscover_modules("actors")
from apps.pipeline import schedule
heavy = {"boto3", "botocore.session", "botocore.client", "pyarrow", "scipy.stats", "scipy.optimize", "scipy.spatial"}
print(sorted(heavy & set(sys.modules)))
"""


def test_no_module_of_aggregation_loads_a_part_of_scipy_that_it_does_not_use_yet():
    told = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, check=True)

    assert told.stdout.strip() == "[]"


def test_who_waits_for_work_holds_no_client_of_a_market_that_nobody_asks():
    told = subprocess.run([sys.executable, "-c", WAIT], capture_output=True, text=True, check=True)

    assert told.stdout.strip() == "[]"
