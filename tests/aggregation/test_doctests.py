import doctest
import importlib
import pkgutil

import pytest

from apps import aggregation

MODULES = [module.name for module in pkgutil.walk_packages(aggregation.__path__, "apps.aggregation.")]


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_are_true(name):
    outcome = doctest.testmod(importlib.import_module(name))

    assert outcome.failed == 0
