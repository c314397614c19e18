"""State that application and request carry: attributes and items over one dict."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

__all__ = ["State"]


class State:
    """Keep values as attributes (`state.x`) or items (`state["x"]`) of one shared dict.

    The dict is wrapped, not copied: what is written here is seen by everyone who has it. A missing
    attribute is an `AttributeError`, a missing item or deletion a `KeyError`. An empty state is
    falsy. Copies and pickles have a dict of their own.
    """

    _state: dict[str, Any]

    def __init__(self, state: dict[str, Any] | None = None) -> None:
        # Past our own __setattr__, which writes into that dict.
        object.__setattr__(self, "_state", {} if state is None else state)

    def __getattr__(self, key: str) -> Any:
        if key == "_state":  # __init__ has not run; looking for it below would not end
            raise self._missing(key)
        try:
            return self._state[key]
        except KeyError:
            raise self._missing(key) from None

    def _missing(self, key: str) -> AttributeError:
        return AttributeError(f"{type(self).__name__!r} object has no attribute {key!r}")

    def __setattr__(self, key: str, value: Any) -> None:
        self._state[key] = value

    def __delattr__(self, key: str) -> None:
        del self._state[key]

    def __getitem__(self, key: str) -> Any:
        return self._state[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self._state[key] = value

    def __delitem__(self, key: str) -> None:
        del self._state[key]

    def __contains__(self, key: object) -> bool:
        return key in self._state

    def __iter__(self) -> Iterator[str]:
        return iter(self._state)

    def __len__(self) -> int:
        return len(self._state)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (dict(self._state),)
