"""Processes that wait hold little: a heavy part of scipy is loaded where it is first used, by no import of ours."""

import subprocess
import sys

LOOK = """
import importlib, pkgutil, sys
import apps.aggregation
for each in pkgutil.walk_packages(apps.aggregation.__path__, "apps.aggregation."):
    importlib.import_module(each.name)
print(sorted({"scipy.stats", "scipy.optimize", "scipy.spatial"} & set(sys.modules)))
"""


def test_no_module_of_aggregation_loads_a_part_of_scipy_that_it_does_not_use_yet():
    told = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, check=True)

    assert told.stdout.strip() == "[]"
