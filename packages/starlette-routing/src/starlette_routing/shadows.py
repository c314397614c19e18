"""Routes that no request can reach, since a route before them takes everything they would take.

    assert shadowed_routes(app.routes) == []

Worth a line in an application's tests. What is reported is certain; a route may also be covered by
several others together, or by one of which only its own `matches` knows, and that is not noticed.
"""

import re
from collections.abc import Sequence
from itertools import combinations
from typing import Any, NamedTuple

from .base import BaseRoute
from .convertors import Convertor, PathConvertor, StringConvertor
from .dispatch import template_of_route
from .paths import WITHIN_ONE_SEGMENT, Template
from .routing import INDEXED_KINDS, Mount

__all__ = ["ShadowedRoute", "shadowed_routes"]

Segment = list[str | Convertor[Any]]


class ShadowedRoute(NamedTuple):
    """A route that is never reached, and the one before it that takes its requests."""

    route: BaseRoute
    by: BaseRoute

    def __str__(self) -> str:
        return f"{self.route!r} is never reached: {self.by!r} comes first and takes its requests"


class _Reach(NamedTuple):
    """What a route takes: types of scope, methods (none for all), and paths by their segments."""

    route: BaseRoute
    types: set[str]
    methods: set[str]
    prefix: str
    segments: list[Segment]
    rest: Segment | None

    def covers(self, other: "_Reach") -> bool:
        return (
            other.prefix.startswith(self.prefix)
            and self.types >= other.types
            and (not self.methods or (other.methods != set() and self.methods >= other.methods))
            and self._covers_paths(other)
        )

    def _covers_paths(self, other: "_Reach") -> bool:
        depth = len(self.segments)
        if not all(map(_covers_segment, self.segments, other.segments[:depth])):
            return False
        if len(other.segments) < depth:
            return False
        below = other.segments[depth:]
        if self.rest is not None and _is_parameter(self.rest, PathConvertor):
            return below != [] or other.rest is not None
        return below == [] and self.rest == other.rest


def shadowed_routes(routes: Sequence[BaseRoute]) -> list[ShadowedRoute]:
    """List the routes, also those inside of mounts, that one route before them shadows completely.

    Takes a time quadratic in the number of routes: for a test or a start in development.
    """
    reaches = [reach for route in routes if (reach := _reach(route)) is not None]
    shadowed: dict[int, ShadowedRoute] = {}
    for first, second in combinations(reaches, 2):
        if id(second.route) not in shadowed and first.covers(second):
            shadowed[id(second.route)] = ShadowedRoute(second.route, by=first.route)
    inside = [shadowed_routes(route.routes) for route in routes if isinstance(route, Mount)]
    return [*shadowed.values(), *(found for each in inside for found in each)]


def _reach(route: Any) -> _Reach | None:
    types = INDEXED_KINDS.get(getattr(type(route), "matches", None))
    if types is None or route._has_own_methods:
        return None
    template = template_of_route(route)
    if template is None:
        return None
    segments, rest = _segments(template, route.param_convertors)
    methods: set[str] = set(getattr(route, "methods", None) or ())
    return _Reach(route, set(types), methods, template.prefix, segments, rest)


def _segments(
    template: Template, convertors: dict[str, Convertor[Any]]
) -> tuple[list[Segment], Segment | None]:
    """Give a template's segments as far as they are known, and all that follows as one."""
    pieces: Segment = [p if isinstance(p, str) else convertors[p.name] for p in template.pieces]
    segments: list[Segment] = [[]]
    for place, piece in enumerate(pieces):
        if isinstance(piece, str):
            begun, *others = piece.split("/")
            segments[-1].append(begun)
            for other in others:
                segments.append([other])
        elif piece.regex in WITHIN_ONE_SEGMENT:
            segments[-1].append(piece)
        else:
            return segments[:-1], segments[-1] + pieces[place:]
    return segments, None


def _covers_segment(one: Segment, other: Segment) -> bool:
    if _is_parameter(one, StringConvertor):
        return other != [""]
    return one == other or (
        len(one) == 3 and one[0] == one[2] == "" and len(other) == 1 and _takes(one[1], other[0])
    )


def _is_parameter(segment: Segment, kind: type[Convertor[Any]]) -> bool:
    """Tell whether a segment is one placeholder of a kind that takes all that its regex matches."""
    return [piece if isinstance(piece, str) else type(piece) for piece in segment] == ["", kind, ""]


def _takes(convertor: Any, text: Any) -> bool:
    try:
        return bool(re.fullmatch(convertor.regex, text)) and convertor.convert(text) is not None
    except ValueError:
        return False
