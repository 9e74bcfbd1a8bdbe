"""What a server of this one page does without: packages that Gradio imports for what is not shown here."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any


class _Later(ModuleType):
    """Stands for a package until something is looked for in it."""

    def __getattr__(self, name: str) -> Any:
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), name)


def import_later(package: str) -> None:
    """Let `import package` cost nothing until something is looked for in it: pandas, for tables, takes 32 MB."""
    spec = find_spec(package)
    if spec is None or package in sys.modules:
        return
    stand_in = _Later(package)
    stand_in.__spec__, stand_in.__file__ = spec, spec.origin  # for those who go through all modules
    sys.modules[package] = stand_in


def never_import(package: str) -> None:
    """Let `import package` fail as where it is not installed: Gradio readies matplotlib, 20 MB, for every call."""
    sys.modules.setdefault(package, None)  # type: ignore[arg-type]  # what the import system documents
