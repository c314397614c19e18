"""Mappings whose keys may have several values: query parameters, forms and the general case."""

from __future__ import annotations

from collections.abc import ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from typing import Any, TypeVar

from .querystring import encode_pairs, parse_pairs
from .uploads import UploadFile

__all__ = ["FormData", "ImmutableMultiDict", "MultiDict", "QueryParams"]

KeyT = TypeVar("KeyT")
ValueT_co = TypeVar("ValueT_co", covariant=True)


def _pairs(args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[tuple[Any, Any]]:
    """The pairs that the arguments of a multidict stand for, in a new list."""
    if len(args) > 1:
        raise AssertionError("Too many arguments.")
    source: Any = args[0] if args and args[0] else ()
    if hasattr(source, "multi_items"):
        source = source.multi_items()
    elif hasattr(source, "items"):
        source = source.items()
    return [*source, *kwargs.items()]


class ImmutableMultiDict(Mapping[KeyT, ValueT_co]):
    """A read-only mapping that keeps every pair it was made of.

    Made like a dict: of another multidict, a mapping, an iterable of pairs or nothing, and of
    keyword arguments that are added at the end. As a mapping it shows the last value of a key, in
    the order in which keys came first; `getlist()` and `multi_items()` show everything.

    Two are equal when each key has the same values in the same order.
    """

    _list: list[tuple[Any, Any]]
    _dict: dict[Any, Any]

    def __init__(
        self,
        *args: ImmutableMultiDict[KeyT, ValueT_co]
        | Mapping[KeyT, ValueT_co]
        | Iterable[tuple[KeyT, ValueT_co]],
        **kwargs: ValueT_co,
    ) -> None:
        self._set(_pairs(args, kwargs))

    def _set(self, pairs: list[tuple[Any, Any]]) -> None:
        self._list = pairs
        self._dict = dict(pairs)

    def getlist(self, key: Any) -> list[ValueT_co]:
        """All values of `key` in order, none for an absent key."""
        return [value for name, value in self._list if name == key]

    def multi_items(self) -> list[tuple[KeyT, ValueT_co]]:
        """A copy of all pairs in order."""
        return self._list.copy()

    def keys(self) -> KeysView[KeyT]:
        """Each key once."""
        return self._dict.keys()

    def values(self) -> ValuesView[ValueT_co]:
        """The last value of each key."""
        return self._dict.values()

    def items(self) -> ItemsView[KeyT, ValueT_co]:
        """Each key with its last value."""
        return self._dict.items()

    def get(self, key: Any, default: Any = None) -> Any:
        """The last value of `key`, or `default`."""
        return self._dict.get(key, default)

    def __getitem__(self, key: KeyT) -> ValueT_co:
        return self._dict[key]  # type: ignore[no-any-return]

    def __contains__(self, key: object) -> bool:
        return key in self._dict

    def __iter__(self) -> Iterator[KeyT]:
        return iter(self._dict)

    def __len__(self) -> int:
        return len(self._dict)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self._grouped() == other._grouped()

    def _grouped(self) -> dict[Any, list[Any]]:
        # Grouped, not sorted: neither keys nor values need an order.
        groups: dict[Any, list[Any]] = {}
        for key, value in self._list:
            groups.setdefault(key, []).append(value)
        return groups

    def __getstate__(self) -> Any:
        # Copies are made of this as well as pickles, and must not share what can change.
        state: Any = super().__getstate__()
        own = {"_list": self._list.copy(), "_dict": self._dict.copy()}
        if isinstance(state, tuple):  # of attributes and the slots of a subclass
            return {**state[0], **own}, state[1]
        return {**state, **own}

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._list!r})"


class MultiDict(ImmutableMultiDict[Any, Any]):
    """A multidict that can be changed.

    What is set goes to the end of `multi_items()`; as a mapping, a key keeps its first place.
    """

    def __setitem__(self, key: Any, value: Any) -> None:
        self.setlist(key, [value])

    def __delitem__(self, key: Any) -> None:
        del self._dict[key]
        self._drop({key})

    def _drop(self, keys: Iterable[Any]) -> None:
        self._list = [pair for pair in self._list if pair[0] not in keys]

    def pop(self, key: Any, default: Any = None) -> Any:
        """Remove all values of `key` and return the last one, or `default`."""
        self._drop({key})
        return self._dict.pop(key, default)

    def popitem(self) -> tuple[Any, Any]:
        """Remove the last key with all its values; return it with the last one."""
        key, value = self._dict.popitem()
        self._drop({key})
        return key, value

    def poplist(self, key: Any) -> list[Any]:
        """Remove all values of `key` and return them."""
        values = self.getlist(key)
        self.pop(key)
        return values

    def clear(self) -> None:
        """Remove everything."""
        self._set([])

    def setdefault(self, key: Any, default: Any = None) -> Any:
        """The value of `key`, which is set to `default` when it is absent."""
        if key not in self:
            self[key] = default
        return self[key]

    def setlist(self, key: Any, values: Iterable[Any]) -> None:
        """Replace all values of `key`; none removes it."""
        pairs = [(key, value) for value in values]
        if pairs:
            self._replace({key: pairs[-1][1]}, pairs)
        else:
            self.pop(key)

    def append(self, key: Any, value: Any) -> None:
        """Add a value, which becomes the visible one, and keep the others."""
        self._list.append((key, value))
        self._dict[key] = value

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Replace all values of every key that the arguments have; they are a multidict's."""
        pairs = _pairs(args, kwargs)
        self._replace(dict(pairs), pairs)

    def _replace(self, visible: dict[Any, Any], pairs: list[tuple[Any, Any]]) -> None:
        self._drop(visible)
        self._list += pairs
        self._dict.update(visible)


class QueryParams(ImmutableMultiDict[str, str]):
    """The parameters of a query string; `str()` writes them as one.

    Made of a text or bytes (`querystring.parse_pairs` says how they are read, bytes beyond ASCII
    count as UTF-8), or like any multidict; keys and values become `str`.
    """

    def __init__(
        self,
        *args: ImmutableMultiDict[Any, Any]
        | Mapping[Any, Any]
        | Iterable[tuple[Any, Any]]
        | str
        | bytes,
        **kwargs: Any,
    ) -> None:
        source = args[0] if args else None
        if isinstance(source, (str, bytes)):
            pairs = parse_pairs(source)
            if len(args) == 1 and not kwargs:
                # The way of every request: what is parsed is text already.
                self._set(pairs)
                return
            args = (pairs, *args[1:])
        self._set([(str(key), str(value)) for key, value in _pairs(args, kwargs)])

    def __str__(self) -> str:
        return encode_pairs(self._list)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"


class FormData(ImmutableMultiDict[str, UploadFile | str]):
    """The fields of a form: texts and uploaded files."""

    async def close(self) -> None:
        """Close every uploaded file, the others also when closing one fails.

        The last error is raised, when all are closed.
        """
        error: BaseException | None = None
        for _, value in self._list:
            if isinstance(value, UploadFile):
                try:
                    await value.close()
                except BaseException as exc:
                    error = exc
        try:
            if error is not None:
                raise error
        finally:
            del error  # whose traceback holds this frame
