"""Finding the routes that may take a path, in a time that does not grow with their number.

A linear scan asks every route, in the order of declaration. An index may leave out those that
would say no: what is left are *candidates*, asked in the same order, so that methods, convertors,
overridden methods and exceptions mean what they mean in a scan. Leaving out too few costs time,
leaving out too many would be wrong; so a route is left out only when its compiled template
(`paths.Template`) proves that it cannot match. Nothing is known about a route whose `matches` is
not the package's own, or whose `path_regex` `compile_path` did not make: it is *opaque*, always a
candidate.

A `Plan` holds the routes of one router for one type of scope, and never changes:

1. A trie of the templates' segments. A node has children by literal segment, and one child for
   "any non-empty segment". `ends` are the routes whose template is complete there, `tails` those
   that take anything below. The candidates of a path lie on the few branches it can follow.
2. `static`: the same candidates for each path that a route spells out, without a walk.
3. `direct`: where the first of all candidates of such a path is a plain route, that route. It
   takes the path for certain, so nothing but the method is left to look at. `router.plan_for(
   "http").direct.get(path)` is the cheapest question that one can ask: about 150 ns.

Where very few routes are not literal, these are the candidates of all other paths: to ask them is
quicker than the trie.

Noticing changes. A plan is made when it is first needed, from a snapshot of the list of routes,
and used until that list is another one, or has changed. A `RouteList` renews its `changes` token
after each change; the token is read before the snapshot, so that a change in between costs a
second plan but never leaves a stale one. A plain list that a user assigned stays what it is, and
is compared with the snapshot one by one. A route that changes what its place in the index depends
on renews `Epoch.now`.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from operator import is_
from typing import Any, Generic, TypeVar

from .base import LATE_REGEX, BaseRoute, Epoch
from .paths import Template

__all__ = ["IndexedKinds", "Plan", "RouteList", "template_of_route"]

PlainRoute = TypeVar("PlainRoute", bound=BaseRoute)

IndexedKinds = Mapping[Any, Collection[str]]
"""The package's own `matches` functions, and the types of scope that each of them can match."""


# Asking so many routes is cheaper than to follow the trie.
_FEW = 3


class RouteList(list[BaseRoute]):
    """The routes of a router: a list with a token, `changes`, which every change renews."""

    changes: object = object()


def _noticed(change: Callable[..., Any]) -> Callable[..., Any]:
    def method(self: RouteList, *args: Any, **kwargs: Any) -> Any:
        try:
            return change(self, *args, **kwargs)
        finally:  # also when it fails: half a sort is a change
            self.changes = object()

    method.__name__ = change.__name__
    method.__doc__ = change.__doc__
    return method


for _change in (
    *(list.__delitem__, list.__iadd__, list.__imul__, list.__setitem__, list.append, list.clear),
    *(list.extend, list.insert, list.pop, list.remove, list.reverse, list.sort),
):
    setattr(RouteList, _change.__name__, _noticed(_change))


class _Node:
    """A place in the trie; `tails` by the length and the text of what their templates end with.

    What few nodes have is None where it is missing: there are more nodes than routes.
    """

    __slots__ = ("any_segment", "children", "ends", "tails")

    def __init__(self) -> None:
        self.children: dict[str, _Node] | None = None
        self.any_segment: _Node | None = None
        self.ends: list[int] | None = None
        self.tails: dict[int, dict[str, list[int]]] | None = None

    def child(self, segment: str | None) -> "_Node":
        if segment is None:
            node = self.any_segment = self.any_segment or _Node()
            return node
        if self.children is None:
            self.children = {}
        return self.children.setdefault(segment, _Node())

    def add(self, position: int, template: Template) -> int:
        """Put a route in, and give the number of its segments."""
        node = self
        segments, tail = template.segments()
        for segment in segments:
            node = node.child(segment)
        if tail:
            node.tails = node.tails or {}
            ends_with = node.tails.setdefault(len(template.suffix), {})
            ends_with.setdefault(template.suffix, []).append(position)
        else:
            node.ends = [*(node.ends or ()), position]
        return len(segments)

    def beginning(self) -> "tuple[str, _Node, int]":
        """Give the text that all paths begin with, the node after it, and its number of parts."""
        text, node, parts = "", self, 0
        while node.children and len(node.children) == 1 and not (node.tails or node.any_segment):
            [(segment, child)] = node.children.items()
            if child.ends:
                break
            text, node, parts = f"{text}{segment}/", child, parts + 1
        return text, node, parts

    def find(self, path: str, parts: list[str], place: int, found: list[int]) -> None:
        """Add the positions of the routes that may take `path`; its parts lead here at `place`."""
        node = self
        for at in range(place, len(parts)):
            if node.tails:
                found += node.tails_of(path)
            segment = parts[at]
            child = node.children.get(segment) if node.children else None
            if segment and node.any_segment is not None:
                if child is not None:
                    child.find(path, parts, at + 1, found)
                child = node.any_segment
            if child is None:
                return
            node = child
        if node.ends:
            found += node.ends

    def tails_of(self, path: str) -> Iterator[int]:
        for length, ends_with in (self.tails or {}).items():
            yield from ends_with.get(path[max(0, len(path) - length) :], ())


class Plan(Generic[PlainRoute]):
    """The index over the routes of one router, for one type of scope.

    `routes` is the snapshot that it was made from; `plain` tells for each of them whether its class
    takes the type and matches as the package's own do, and it has no `matches` or `handle` of its
    own; `opaque` are the positions of those that nothing is known about. `static` and `direct` are
    described above; only routes of the class `plain` are direct.
    """

    __slots__ = (
        "changes",
        "depth",
        "direct",
        "epoch",
        "few",
        "opaque",
        "plain",
        "routes",
        "size",
        "source",
        "start",
        "static",
        "trie",
    )

    start: str
    trie: _Node

    def __init__(
        self,
        source: Sequence[BaseRoute],
        scope_type: str,
        kinds: IndexedKinds,
        plain: type[PlainRoute],
    ) -> None:
        self.source: Sequence[BaseRoute] = source
        # Both are read before anything that they tell the changes of.
        self.changes: object = getattr(source, "changes", None)
        self.epoch: object = Epoch.now
        self.routes: tuple[BaseRoute, ...] = tuple(source)
        self.size: int = len(self.routes)
        self.plain: list[bool] = [
            scope_type in kinds.get(getattr(type(route), "matches", None), ())
            and not route._has_own_methods
            for route in self.routes
        ]
        self.opaque: list[int] = []
        self.trie = _Node()
        literals, dynamic, depth = self._place(scope_type, kinds)
        self.start, self.trie, skipped = self.trie.beginning()
        self.depth: int = depth - skipped
        few = sorted(dynamic + self.opaque)
        self.few: list[int] | None = few if len(few) <= _FEW else None
        self.static: dict[str, list[int]] = {path: self._walk(path) for path in literals}
        self.direct: dict[str, PlainRoute] = dict(self._find_direct(plain))

    def _place(self, scope_type: str, kinds: IndexedKinds) -> tuple[set[str], list[int], int]:
        """Put the routes into the trie or among the opaque; tell its depth.

        Gives the paths that routes spell out, and the positions of the routes that do not.
        """
        literals: set[str] = set()
        dynamic: list[int] = []
        depth = 0
        for position, route in enumerate(self.routes):
            template, types = _knowledge(route, kinds)
            if template is None:
                self.opaque.append(position)
            elif scope_type in types:
                depth = max(depth, self.trie.add(position, template))
                if template.literal:
                    literals.add(template.prefix)
                else:
                    dynamic.append(position)
        return literals, dynamic, depth

    def _find_direct(self, plain: type[PlainRoute]) -> Iterator[tuple[str, PlainRoute]]:
        for path, found in self.static.items():
            position = min(found + self.opaque)
            route = self.routes[position]
            if type(route) is plain and self.plain[position] and _is_literal(route):
                yield path, route

    def is_current(self, source: Sequence[BaseRoute]) -> bool:
        """Tell whether the plan still describes `source`, the routes that the router has now."""
        return (
            source is self.source
            and self.epoch is Epoch.now
            and len(source) == self.size
            and (
                source.changes is self.changes
                if type(source) is RouteList
                else all(map(is_, source, self.routes))
            )
        )

    def candidates(self, path: str) -> Sequence[int]:
        """Give the positions of the routes to ask about a route path, in order of declaration."""
        found = self.static.get(path)
        if found is None:
            if self.few is not None:
                return self.few
            found = self._walk(path)
        return sorted(found + self.opaque) if self.opaque else found

    def _walk(self, path: str) -> list[int]:
        found: list[int] = []
        if path.startswith(self.start):
            # One part more than the deepest template has cannot be followed any further.
            parts = path[len(self.start) :].split("/", self.depth)
            self.trie.find(path, parts, 0, found)
            found.sort()
        return found


def _knowledge(route: BaseRoute, kinds: IndexedKinds) -> tuple[Template | None, Collection[str]]:
    """Give the template that decides which paths a route takes, and the types of scope it takes.

    None when there is no telling: what the instance holds must be what its class works with.
    """
    types = kinds.get(getattr(type(route), "matches", None))
    if types is None or route._has_own_methods:
        return None, ()
    return template_of_route(route), types


def template_of_route(route: BaseRoute) -> Template | None:
    """Give the template that a route's own pattern has for certain; None where it is not known."""
    # A class may have a property of this name, whose next value nobody knows.
    of_class = getattr(type(route), "path_regex", LATE_REGEX)
    return route._template if of_class is LATE_REGEX else None


def _is_literal(route: BaseRoute) -> bool:
    template = template_of_route(route)
    return template is not None and template.literal
