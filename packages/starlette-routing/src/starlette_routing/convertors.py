"""What a placeholder of a path template takes, and how its text and its value become each other.

`{name}` and `{name:key}` in a template look their convertor up under `key` ("str" without one).

    class Hex(Convertor[int]):
        regex = "[0-9a-f]+"

        def convert(self, value: str) -> int:
            return int(value, 16)

        def to_string(self, value: int) -> str:
            return f"{value:x}"

    register_url_convertor("hex", Hex())
    Route("/colours/{rgb:hex}", colour)
"""

import math
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

if TYPE_CHECKING:
    import uuid

__all__ = [
    "CONVERTOR_TYPES",
    "Convertor",
    "FloatConvertor",
    "IntegerConvertor",
    "PathConvertor",
    "StringConvertor",
    "UUIDConvertor",
    "register_url_convertor",
]

T = TypeVar("T")


class Convertor(Generic[T]):
    """One kind of placeholder; subclasses set `regex` and define both methods.

    `regex` is what the text of the placeholder must match, whole. Groups inside of it are its own
    affair and become no path parameters.
    """

    regex: ClassVar[str] = ""

    def convert(self, value: str) -> T:
        """Give the value of a matched text; ValueError when it has none: no match then."""
        raise NotImplementedError

    def to_string(self, value: T) -> str:
        """Give the text of a value, for building URLs; any error reaches who asked for the URL."""
        raise NotImplementedError


class StringConvertor(Convertor[str]):
    """`str`: one path segment or a piece of one, never empty."""

    regex = "[^/]+"

    def convert(self, value: str) -> str:
        """Give the text itself."""
        return value

    def to_string(self, value: str) -> str:
        """Give `str(value)`; AssertionError when it is empty or holds a slash."""
        text = str(value)
        _require("/" not in text, "May not contain path separators")
        _require(text != "", "Must not be empty")
        return text


class PathConvertor(Convertor[str]):
    """`path`: any text, also an empty one and one with slashes."""

    regex = ".*"

    def convert(self, value: str) -> str:
        """Give the text itself."""
        return value

    def to_string(self, value: str) -> str:
        """Give `str(value)`."""
        return str(value)


class IntegerConvertor(Convertor[int]):
    """`int`: ASCII digits, a non-negative integer."""

    regex = "[0-9]+"

    def convert(self, value: str) -> int:
        """Give the number; ValueError for more digits than Python converts (4300 by default)."""
        return int(value)

    def to_string(self, value: int) -> str:
        """Give the digits of `int(value)`; AssertionError for a negative one."""
        number = int(value)
        _require(number >= 0, "Negative integers are not supported")
        return str(number)


class FloatConvertor(Convertor[float]):
    """`float`: ASCII digits with or without a fraction, never a sign or an exponent."""

    regex = r"[0-9]+(\.[0-9]+)?"

    def convert(self, value: str) -> float:
        """Give the number."""
        return float(value)

    def to_string(self, value: float) -> str:
        """Give the fewest digits that read back as the same number (`0.1`, `1`, `0.0000001`).

        AssertionError for a negative number, an infinite one and NaN.
        """
        number = float(value)
        _require(not math.isnan(number), "NaN values are not supported")
        _require(not math.isinf(number), "Infinite values are not supported")
        _require(number >= 0, "Negative floats are not supported")
        return _fixed_point(abs(number)).removesuffix(".0")


def _fixed_point(number: float) -> str:
    """The digits of `repr(number)` without an exponent; `decimal` takes milliseconds to import."""
    mantissa, _, exponent = repr(number).partition("e")
    digits = mantissa.replace(".", "")
    if not exponent:
        return mantissa
    if int(exponent) > 0:  # above 1e16, where all digits are before the point
        return digits.ljust(int(exponent) + 1, "0")
    return "0." + "0" * (-int(exponent) - 1) + digits


class UUIDConvertor(Convertor["uuid.UUID"]):
    """`uuid`: 32 hexadecimal digits in either case, each of the four dashes optional."""

    regex = "[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}"

    def convert(self, value: str) -> "uuid.UUID":
        """Give the `uuid.UUID`."""
        import uuid  # for those who use it

        return uuid.UUID(value)

    def to_string(self, value: "uuid.UUID") -> str:
        """Give the canonical text; ValueError for a value that is none and reads as none."""
        import uuid

        return str(uuid.UUID(str(value)))


def _require(holds: bool, message: str) -> None:
    if not holds:
        raise AssertionError(message)


CONVERTOR_TYPES: dict[str, Convertor[Any]] = {
    "str": StringConvertor(),
    "path": PathConvertor(),
    "int": IntegerConvertor(),
    "float": FloatConvertor(),
    "uuid": UUIDConvertor(),
}


def register_url_convertor(key: str, convertor: Convertor[Any]) -> None:
    """Make `{name:key}` use `convertor`, in templates compiled from now on."""
    CONVERTOR_TYPES[key] = convertor
