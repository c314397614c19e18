"""State that application and request carry: attributes and items over one dict."""

from __future__ import annotations

from collections import UserDict
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["State"]


class _Elsewhere(UserDict[str, Any], dict[str, Any]):  # type: ignore[misc]
    """A dict by its type alone: what it has is in a mapping of another kind."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.data = values  # type: ignore[assignment]


class State:
    """Keep values as attributes (`state.x`) or items (`state["x"]`) of one shared dict.

    The dict is wrapped, not copied: what is written here is seen by everyone who has it. A missing
    attribute is an `AttributeError`, a missing item or deletion a `KeyError`. An empty state is
    falsy. Copies and pickles have a dict of their own. Any other mapping is wrapped as well, and
    costs more; one that cannot be written to says so itself.
    """

    def __init__(self, state: Mapping[str, Any] | None = None) -> None:
        if state is None:
            return
        # It becomes the dict of the attributes, so that the interpreter reads them by itself. Past
        # our own __setattr__, which writes into that dict.
        try:
            object.__setattr__(self, "__dict__", state)
        except TypeError:
            if not isinstance(state, Mapping):
                raise TypeError(f"State keeps its values in a mapping, not {state!r}.") from None
            object.__setattr__(self, "__dict__", _Elsewhere(state))

    @property
    def _state(self) -> dict[str, Any]:
        return self.__dict__

    # The interpreter comes here with what is missing; a subclass that calls this, with anything.
    def __getattr__(self, key: str) -> Any:
        try:
            return self.__dict__[key]
        except KeyError:
            name = type(self).__name__
            raise AttributeError(f"{name!r} object has no attribute {key!r}") from None

    # Whatever a subclass has under that name.
    def __setattr__(self, key: str, value: Any) -> None:
        self.__dict__[key] = value

    def __delattr__(self, key: str) -> None:
        del self.__dict__[key]

    def __getitem__(self, key: str) -> Any:
        return self.__dict__[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.__dict__[key] = value

    def __delitem__(self, key: str) -> None:
        del self.__dict__[key]

    def __contains__(self, key: object) -> bool:
        return key in self.__dict__

    def __iter__(self) -> Iterator[str]:
        return iter(self.__dict__)

    def __len__(self) -> int:
        return len(self.__dict__)

    # All that a copy needs: it is made without the constructor, which a subclass may have changed,
    # and before its values, which may hold it.
    def __getstate__(self) -> dict[str, Any]:
        return dict(self.__dict__)

    # Else looked for in the values, where a subclass may have something for any name.
    def __setstate__(self, values: dict[str, Any]) -> None:
        self.__dict__.update(values)
