"""Values that settings are read into: a secret that does not print, a list in one text."""

from collections.abc import Iterable, Iterator, Sequence
from typing import overload

__all__ = ["CommaSeparatedStrings", "Secret"]


class Secret:
    """A text that shows itself only to `str()`, so that tracebacks and logs do not reveal it.

    Equality and hash are those of the object, never of the text.
    """

    def __init__(self, value: str) -> None:
        self._value = value

    def __repr__(self) -> str:
        return f"{type(self).__name__}('**********')"

    def __str__(self) -> str:
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)


class CommaSeparatedStrings(Sequence[str]):
    """The items of a text like `a, "b, c"`, or of any iterable.

    A text is split at commas and every item stripped. Quotes protect commas, a backslash protects
    any character; nothing is a comment. Nothing between two commas is no item, a blank is one.
    A quote that is not closed is a `ValueError`.
    """

    def __init__(self, value: str | Iterable[str]) -> None:
        self._items = _split(value) if isinstance(value, str) else list(value)

    def __len__(self) -> int:
        return len(self._items)

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> list[str]: ...

    def __getitem__(self, index: int | slice) -> str | list[str]:
        return self._items[index]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._items!r})"

    def __str__(self) -> str:
        return ", ".join(map(repr, self._items))


def _split(text: str) -> list[str]:
    import shlex  # for those who read settings

    splitter = shlex.shlex(text, posix=True)
    splitter.whitespace = ","
    splitter.whitespace_split = True
    splitter.commenters = ""
    return [item.strip() for item in splitter]
