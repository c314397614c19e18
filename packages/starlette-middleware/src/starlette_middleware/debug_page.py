"""What the debug page shows: exceptions and where they come from, frames, locals, the request.

Functions from objects to text or escaped HTML. Everything is bounded, so that a deep recursion, a
group of a thousand exceptions or a gigabyte in a variable still make a page.
"""

import inspect
import itertools
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import ModuleType, TracebackType
from typing import Any

from starlette_http.requests import Request

from .masked_repr import MASK, is_secret, mask, masked_repr

__all__ = [
    "escape",
    "fill",
    "frames",
    "heading",
    "limited_time",
    "locals_html",
    "related",
    "request_html",
]

MAX_EXCEPTIONS = 20
MAX_FRAMES = 40
MAX_LOCALS = 50
MAX_SECONDS = 2.0

# When the page being made has to do without further local variables.
_deadline: ContextVar[float] = ContextVar("_deadline", default=float("inf"))


class _Fields(dict[str, str]):
    """The values of a template; a placeholder that is not known stays empty."""

    def __missing__(self, key: str) -> str:
        return ""


def escape(text: str) -> str:
    """Give `text` with the characters that mean something in HTML escaped."""
    import html  # it has a table of all entities, and few processes ever show this page

    return html.escape(text)


def fill(template: str, **values: str) -> str:
    """Give `template` with its placeholders filled. The values have to be escaped already."""
    return template.format_map(_Fields(values))


def heading(exc: BaseException) -> str:
    """The type and message of an exception, as the last line of a traceback has them."""
    cls = type(exc)
    name = cls.__qualname__
    if cls.__module__ not in ("builtins", "__main__"):
        name = f"{cls.__module__}.{name}"
    try:
        message = str(exc)
    except Exception as error:
        message = f"<its text raised {type(error).__name__}>"
    return f"{name}: {message}"


def related(exc: BaseException) -> Iterator[tuple[str, BaseException]]:
    """Give `exc` and the exceptions that it came from, each with a sentence about how.

    A group is followed by its members, and every exception by its cause, or by the one it was
    raised in the handling of. None comes twice, and no more than MAX_EXCEPTIONS come.
    """
    waiting: list[tuple[str, BaseException]] = [("", exc)]
    seen: set[int] = set()
    while waiting and len(seen) < MAX_EXCEPTIONS:
        sentence, exc = waiting.pop(0)
        if id(exc) not in seen:
            seen.add(id(exc))
            yield sentence, exc
            waiting[:0] = [*_members(exc), *_origin(exc)]


def _members(exc: BaseException) -> Iterator[tuple[str, BaseException]]:
    if isinstance(exc, BaseExceptionGroup):
        for number, member in enumerate(exc.exceptions, start=1):
            yield f"Exception {number} of {len(exc.exceptions)} in that group:", member


def _origin(exc: BaseException) -> Iterator[tuple[str, BaseException]]:
    if exc.__cause__ is not None:
        yield "It was directly caused by:", exc.__cause__
    elif exc.__context__ is not None and not exc.__suppress_context__:
        yield "It was raised during the handling of:", exc.__context__


def frames(exc: BaseException, limit: int) -> Iterator[inspect.FrameInfo | int]:
    """Give the frames of a traceback, innermost first, with `limit` lines of source each.

    Of a long one the middle is left out; in its place comes the number of frames that were there.
    """
    tracebacks = list(_walk(exc.__traceback__))[::-1]
    left_out = len(tracebacks) - MAX_FRAMES
    for index, traceback in enumerate(tracebacks):
        if left_out <= 0 or not MAX_FRAMES // 2 <= index < MAX_FRAMES // 2 + left_out:
            yield _frame_info(traceback, limit)
        elif index == MAX_FRAMES // 2:
            yield left_out


def _walk(traceback: TracebackType | None) -> Iterator[TracebackType]:
    while traceback is not None:
        yield traceback
        traceback = traceback.tb_next


def _frame_info(traceback: TracebackType, limit: int) -> inspect.FrameInfo:
    found = inspect.getframeinfo(traceback, limit)
    return inspect.FrameInfo(
        traceback.tb_frame, *found, positions=getattr(found, "positions", None)
    )


@contextmanager
def limited_time() -> Iterator[None]:
    """Within it, `locals_html` shows nothing any more after MAX_SECONDS."""
    token = _deadline.set(time.monotonic() + MAX_SECONDS)
    try:
        yield
    finally:
        _deadline.reset(token)


def locals_html(variables: Mapping[str, Any]) -> str:
    """The local variables of a frame, behind a click; modules and dunder names are left out."""
    shown = [
        (name, value)
        for name, value in list(variables.items())
        if not name.startswith("__") and not isinstance(value, ModuleType)
    ]
    if not shown:
        return ""
    if time.monotonic() > _deadline.get():
        return '<p class="note">Local variables are left out: the page took too long already.</p>'
    rows = [
        (name, MASK if is_secret(name) else masked_repr(value))
        for name, value in shown[:MAX_LOCALS]
    ]
    if len(shown) > MAX_LOCALS:
        rows.append(("...", f"and {len(shown) - MAX_LOCALS} more"))
    return f'<details class="locals"><summary>Local variables</summary>{_table(rows)}</details>'


def request_html(request: Request[Any]) -> str:
    """Method, URL, client, path parameters and headers of the request, without the secrets."""
    rows = [
        ("method", request.scope.get("method", "")),
        ("URL", mask(str(request.url))),
        ("HTTP version", request.scope.get("http_version", "")),
        ("client", str(request.client and f"{request.client.host}:{request.client.port}")),
        ("path parameters", masked_repr(request.path_params)),
    ]
    headers = [
        (name, MASK if is_secret(name) else mask(value[:4_000]))
        for name, value in itertools.islice(request.headers.items(), MAX_LOCALS)
    ]
    return (
        '<div class="request"><p class="title">Request</p>'
        f"{_table(rows)}<h3>Headers</h3>{_table(headers)}</div>"
    )


def _table(rows: Iterable[tuple[str, str]]) -> str:
    cells = [f"<tr><td>{escape(name)}</td><td>{escape(value)}</td></tr>" for name, value in rows]
    return f"<table>{''.join(cells)}</table>"
