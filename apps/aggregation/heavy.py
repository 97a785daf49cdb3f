"""What is loaded at its first use: half of the memory of a process that never needs it."""

import importlib
from typing import Any


class _OnFirstUse:
    def __init__(self, module: str) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        return getattr(importlib.import_module(self._module), name)


stats: Any = _OnFirstUse("scipy.stats")
optimize: Any = _OnFirstUse("scipy.optimize")
arrow: Any = _OnFirstUse("pyarrow")
arrow_compute: Any = _OnFirstUse("pyarrow.compute")
