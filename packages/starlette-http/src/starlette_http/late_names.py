"""Names of a module that are imported when somebody first asks for them (PEP 562).

For what is dear to import and rarely needed. A name that was asked for, or that somebody replaced,
is an ordinary global from then on.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

__all__ = ["late_names"]


def late_names(
    namespace: dict[str, Any], modules: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """The `__getattr__` and the `__dir__` of the module whose `globals()` are given.

    `modules` tells where each late name is imported from, absolute or relative to the package.
    """

    def __getattr__(name: str) -> Any:
        if name not in modules:
            raise AttributeError(f"module {namespace['__name__']!r} has no attribute {name!r}")
        module = import_module(modules[name], namespace["__package__"])
        return namespace.setdefault(name, getattr(module, name))

    def __dir__() -> list[str]:
        return sorted({*namespace, *modules})

    return __getattr__, __dir__
