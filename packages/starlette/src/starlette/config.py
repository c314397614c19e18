"""Configuration from the environment and from a file of `KEY=value` lines.

    config = Config(".env")
    DEBUG = config("DEBUG", cast=bool, default=False)
    SECRET_KEY = config("SECRET_KEY", cast=Secret)

A key is looked up in the environment first, then in the file, then in the given default.
"""

import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from pathlib import Path
from typing import Any, TypeVar, overload

__all__ = ["Config", "Environ", "EnvironError", "environ", "undefined"]

T = TypeVar("T")

_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


class undefined:
    """The default of a key without a default."""


class EnvironError(Exception):
    """A variable was changed after somebody had read it."""


class Environ(MutableMapping[str, str]):
    """A view of `environ` in which a variable that was read can no longer be changed.

    Reading, testing with `in` and a failed lookup all count as reading; iterating does not.
    """

    def __init__(self, environ: MutableMapping[str, str] = os.environ) -> None:
        self._environ = environ
        self._has_been_read: set[str] = set()

    def __getitem__(self, key: str) -> str:
        self._has_been_read.add(key)
        return self._environ[key]

    def __setitem__(self, key: str, value: str) -> None:
        self._refuse_if_read("set", key)
        self._environ[key] = value

    def __delitem__(self, key: str) -> None:
        self._refuse_if_read("delete", key)
        del self._environ[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._environ)

    def __len__(self) -> int:
        return len(self._environ)

    def _refuse_if_read(self, verb: str, key: str) -> None:
        if key in self._has_been_read:
            raise EnvironError(
                f"Attempting to {verb} environ[{key!r}], but the value has already been read."
            )


environ: Environ = Environ()


class Config:
    """Typed values from `environ` and `env_file`.

    Each key is prefixed with `env_prefix` in both. A missing file warns and counts as empty.
    The file has one `KEY=value` a line; lines without `=` and lines that start with `#` are
    skipped, one pair of quotes around a value is removed, and a later line wins.
    """

    def __init__(
        self,
        env_file: str | Path | None = None,
        environ: Mapping[str, str] = environ,
        env_prefix: str = "",
        encoding: str = "utf-8",
    ) -> None:
        self.environ = environ
        self.env_prefix = env_prefix
        self.file_values: dict[str, str] = {}
        if env_file is None:
            return
        if os.path.isfile(env_file):
            with open(env_file, encoding=encoding) as lines:
                self.file_values = dict(_parse_lines(lines))
        else:
            warnings.warn(f"Config file '{env_file}' not found.", stacklevel=2)

    @overload
    def __call__(self, key: str, *, default: None) -> str | None: ...

    @overload
    def __call__(self, key: str, cast: type[T], default: T = ...) -> T: ...

    @overload
    def __call__(self, key: str, cast: type[str] = ..., default: str = ...) -> str: ...

    @overload
    def __call__(self, key: str, cast: Callable[[Any], T], default: Any = ...) -> T: ...

    @overload
    def __call__(self, key: str, cast: type[str] = ..., default: T = ...) -> T | str: ...

    def __call__(
        self, key: str, cast: Callable[[Any], Any] | None = None, default: Any = undefined
    ) -> Any:
        """The same as `get`."""
        return self.get(key, cast, default)

    def get(
        self, key: str, cast: Callable[[Any], Any] | None = None, default: Any = undefined
    ) -> Any:
        """The value of `key`, or `default`, passed through `cast`; None is never cast.

        Raises KeyError for a key that is nowhere and has no default, and ValueError for a value
        that `cast` refuses.
        """
        key = self.env_prefix + key
        for source in (self.environ, self.file_values):
            if key in source:
                return _cast(key, source[key], cast)
        if default is undefined:
            raise KeyError(f"Config '{key}' is missing, and has no default.")
        return _cast(key, default, cast)


def _parse_lines(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        key, equals, value = line.partition("=")
        if equals and not line.lstrip().startswith("#"):
            yield key.strip(), _unquote(value.strip())


def _unquote(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return value


def _cast(key: str, value: Any, cast: Callable[[Any], Any] | None) -> Any:
    if cast is None or value is None:
        return value
    convert = cast
    if cast is bool and isinstance(value, str):
        value, convert = value.lower(), _boolean
    try:
        return convert(value)
    except (TypeError, ValueError) as error:
        name = getattr(cast, "__name__", repr(cast))
        raise ValueError(f"Config '{key}' has value '{value}'. Not a valid {name}.") from error


def _boolean(text: str) -> bool:
    if text not in _BOOLEANS:
        raise ValueError(text)
    return _BOOLEANS[text]
