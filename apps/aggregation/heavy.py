"""Arrow, loaded at its first use: most processes never need it. (scipy loads its own parts so.)"""

import importlib
from typing import Any


class _OnFirstUse:
    def __init__(self, module: str) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        return getattr(importlib.import_module(self._module), name)


arrow: Any = _OnFirstUse("pyarrow")
arrow_compute: Any = _OnFirstUse("pyarrow.compute")
