"""Path templates: compiled to a regular expression, filled in again, and summed up for the index.

1. `{name}` and `{name:key}` are placeholders; any other brace is literal text.
2. A template that does not begin with `/` is one of a host: letters of either case match, and a
   port at its end is kept for building URLs but not matched.
3. What `compile_path` knows about the paths that a pattern can match (a `Template`) is remembered
   beside the pattern, for as long as anybody holds that pattern. `Route.matches` reads it to say
   no without a regular expression, and the index of a router to find candidates.
"""

import re
import weakref
from collections.abc import Mapping
from typing import Any, NamedTuple

from .convertors import (
    CONVERTOR_TYPES,
    Convertor,
    FloatConvertor,
    IntegerConvertor,
    PathConvertor,
    StringConvertor,
    UUIDConvertor,
)

__all__ = [
    "PARAM_FORMAT_REGEX",
    "PARAM_REGEX",
    "WITHIN_ONE_SEGMENT",
    "Parameter",
    "Template",
    "compile_path",
    "convert_params",
    "parse_template",
    "replace_params",
    "template_of",
    "template_regex",
]

_NAME = "[a-zA-Z_][a-zA-Z0-9_]*"
PARAM_REGEX = re.compile(f"{{({_NAME})(?::({_NAME}))?}}")
"""A placeholder of a template: its name, and the key of its convertor or None."""
PARAM_FORMAT_REGEX = re.compile(f"{{({_NAME})}}")
"""A placeholder of a compiled template's format: its name."""

# What these match is not empty and holds no slash; of any other regular expression we cannot tell.
WITHIN_ONE_SEGMENT = frozenset(
    kind.regex for kind in (StringConvertor, IntegerConvertor, FloatConvertor, UUIDConvertor)
)

_BUILT_IN = WITHIN_ONE_SEGMENT | {PathConvertor.regex}

# In a path, `?` and `#` would end it and a control character would not survive the way.
_ENCODED = {code: f"%{code:02X}" for code in (*range(0x20), 0x7F, *b"?#")}


class Parameter(NamedTuple):
    """A placeholder with its convertor."""

    name: str
    convertor: Convertor[Any]


class Template:
    """What can be said about every path that a compiled template matches.

    It begins with `prefix`, which is the whole path when `literal`, and ends with `suffix`. When
    `open_ended`, all that begins with `prefix` matches. Every route keeps one, so what only the
    making of an index asks is worked out when it asks.
    """

    __slots__ = ("literal", "open_ended", "pieces", "prefix")

    def __init__(self, pieces: tuple[str | Parameter, ...]) -> None:
        first, *rest = pieces
        self.pieces: tuple[str | Parameter, ...] = pieces
        self.prefix: str = str(first)
        self.literal: bool = not rest
        self.open_ended: bool = len(rest) == 2 and _takes_anything(rest[0]) and rest[1] == ""

    @property
    def suffix(self) -> str:
        """The text at the end."""
        return str(self.pieces[-1])

    def format(self) -> str:
        """Give the template with the names of its parameters alone: `/a/{b}`."""
        pieces = (p if isinstance(p, str) else f"{{{p.name}}}" for p in self.pieces)
        return self.prefix if self.literal else "".join(pieces)

    def convertors(self) -> dict[str, Convertor[Any]]:
        """Give the convertors of the parameters, in their order."""
        return dict(piece for piece in self.pieces if isinstance(piece, Parameter))

    def compile(self) -> re.Pattern[str]:
        """Give the pattern of a path, the same one as long as somebody holds it."""
        text = f"^{template_regex(_escaped(self.pieces))}$"
        known = _known.get(text)
        pattern = None if known is None else known()
        if pattern is None:
            # DOTALL: a newline is a character of a path like any other.
            pattern = re.compile(text, re.DOTALL)
            _remember(pattern, self)
        return pattern

    def segments(self) -> tuple[list[str | None], bool]:
        """Give the segments that a path begins with, and whether at least one more follows.

        Split at its slashes, the path has these: a text stands for itself, None for any non-empty
        segment. If none follows that is the whole path.
        """
        segments: list[str | None] = [""]
        for piece in self.pieces:
            if isinstance(piece, str):
                begun, *others = piece.split("/")
                if segments[-1] is not None:
                    segments[-1] += begun
                segments += others
            elif piece.convertor.regex in WITHIN_ONE_SEGMENT:
                segments[-1] = None
            else:
                return segments[:-1], True
        return segments, False


class _Known(weakref.ref[re.Pattern[str]]):
    """A pattern that `compile_path` made, and its template, for as long as somebody holds it."""

    __slots__ = ("template", "text")

    template: Template
    text: str


# By the text of the pattern. There is but one pattern for each text, so that equal templates share
# what is known, and none loses it with another.
_known: dict[str, _Known] = {}


def _remember(pattern: re.Pattern[str], template: Template) -> None:
    known = _Known(pattern, _forget)
    known.text, known.template = pattern.pattern, template
    _known[known.text] = known


def _forget(gone: _Known) -> None:
    _known.pop(gone.text, None)


def template_of(regex: object) -> Template | None:
    """Give what is known about a pattern that `compile_path` made; None about any other object."""
    known = _known.get(regex.pattern) if isinstance(regex, re.Pattern) else None
    return known.template if known is not None and known() is regex else None


def compile_path(path: str) -> tuple[re.Pattern[str], str, dict[str, Convertor[Any]]]:
    """Compile a path or host template to its regular expression, format and convertors.

    `/a/{b:int}.json` gives the pattern `^/a/(?P<b>[0-9]+)\\.json$` and the format `/a/{b}.json`.
    The pattern is meant for `fullmatch`: its `$` alone would let a final newline pass. An unknown
    convertor is an AssertionError, a name used twice a ValueError.
    """
    template = Template(parse_template(path))
    compiled = template.compile() if path.startswith("/") else _compile_host(template.pieces)
    return compiled, template.format(), template.convertors()


def parse_template(path: str) -> tuple[str | Parameter, ...]:
    """Split a template into literal texts (the even places, "" included) and parameters."""
    tokens = PARAM_REGEX.split(path)
    names = tokens[1::3]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        plural = "s" if len(twice) > 1 else ""
        raise ValueError(f"Duplicated param name{plural} {', '.join(twice)} at path {path}")
    if not names:
        return (path,)
    pieces: list[str | Parameter] = [tokens[0]]
    for name, key, literal in zip(names, tokens[2::3], tokens[3::3], strict=True):
        pieces += _parameter(name, key or "str"), literal
    return tuple(pieces)


def _parameter(name: str, key: str) -> Parameter:
    if key not in CONVERTOR_TYPES:
        raise AssertionError(f"Unknown path convertor '{key}'")
    parameter = Parameter(name, CONVERTOR_TYPES[key])
    if parameter.convertor.regex not in _BUILT_IN:
        # Compiled by itself, not as the first piece, so that a faulty one is told where it stands.
        re.compile(f"-{template_regex((parameter,))}")
    return parameter


def template_regex(pieces: tuple[str | Parameter, ...]) -> str:
    """Write a template as a regular expression whose literal texts are taken as they stand."""
    return "".join(
        f"(?P<{piece.name}>{piece.convertor.regex})" if isinstance(piece, Parameter) else piece
        for piece in pieces
    )


def _compile_host(pieces: tuple[str | Parameter, ...]) -> re.Pattern[str]:
    end = str(pieces[-1])
    host, colon, _port = end.rpartition(":")
    if colon and not end.endswith("]"):
        pieces = (*pieces[:-1], host)
    return re.compile(f"^{template_regex(_escaped(pieces))}$", re.IGNORECASE)


def _escaped(pieces: tuple[str | Parameter, ...]) -> tuple[str | Parameter, ...]:
    return tuple(re.escape(piece) if isinstance(piece, str) else piece for piece in pieces)


def _takes_anything(piece: str | Parameter) -> bool:
    return isinstance(piece, Parameter) and piece.convertor.regex == PathConvertor.regex


def convert_params(
    match: re.Match[str], param_convertors: Mapping[str, Convertor[Any]]
) -> dict[str, Any] | None:
    """Give the values of a match's parameters; None when a convertor finds that one has none.

    Every name of `param_convertors` must be a group of the pattern; other groups are ignored.
    """
    try:
        return {name: conv.convert(match[name]) for name, conv in param_convertors.items()}
    except ValueError:
        return None


def replace_params(
    path: str,
    param_convertors: dict[str, Convertor[Any]],
    path_params: dict[str, Any],
) -> tuple[str, dict[str, Any]]:
    """Fill the placeholders of a format in; give the text, and `path_params` less what was used.

    The names used are popped from the dictionary passed in; placeholders without a value stay.
    `?`, `#` and control characters in values are percent-encoded. Errors of `to_string` pass.
    """

    def fill(placeholder: re.Match[str]) -> str:
        name = placeholder[1]
        if name not in path_params or name not in param_convertors:
            return placeholder[0]
        return param_convertors[name].to_string(path_params.pop(name)).translate(_ENCODED)

    return PARAM_FORMAT_REGEX.sub(fill, path), path_params
