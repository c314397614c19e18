"""Responses rendered by jinja2 templates: whole, by an async environment, or streamed."""

from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Coroutine,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import aclosing
from inspect import isawaitable
from os import PathLike
from typing import Any

from .background import BackgroundTask
from .concurrency import iterate_in_threadpool
from .requests import Request
from .response import HTMLResponse, two_argument_call
from .streaming import StreamingResponse
from .types import Receive, Scope, Send
from .urls import URL

try:
    import jinja2
    from jinja2 import pass_context
except ModuleNotFoundError as _error:
    raise ImportError(
        "jinja2 must be installed to use Jinja2Templates. "
        "Install it with: pip install 'starlette-http[templates]'"
    ) from _error

__all__ = ["Jinja2Templates", "pass_context"]

Context = dict[str, Any]
Directory = str | PathLike[str]
ContextProcessor = Callable[[Request], Context]
AsyncContextProcessor = Callable[[Request], Awaitable[Context]]


class Jinja2Templates:
    """Render templates of a directory, or of a jinja2 environment of your own.

    Parameters:
        directory: where the templates are, or several places to look in turn. HTML and XML
            templates escape what they insert.
        context_processors: called with the request, in order; each gives values for the context,
            which win over those given before. `AsyncTemplateResponse` takes async ones as well.
        env: an environment, instead of a directory (`AssertionError` for both or neither).

    Templates have the request as `request`, and `url_for(name, **path_params)` unless the
    environment has a global of that name.
    """

    def __init__(
        self,
        directory: Directory | Sequence[Directory] | None = None,
        *,
        context_processors: Sequence[ContextProcessor | AsyncContextProcessor] | None = None,
        env: jinja2.Environment | None = None,
    ) -> None:
        if bool(directory) == bool(env):
            raise AssertionError("either 'directory' or 'env' arguments must be passed")
        self.context_processors: Sequence[ContextProcessor | AsyncContextProcessor] = (
            context_processors or []
        )
        self.env: jinja2.Environment = env or jinja2.Environment(
            loader=jinja2.FileSystemLoader(directory or ()), autoescape=jinja2.select_autoescape()
        )
        self.env.globals.setdefault("url_for", _url_for)

    def get_template(self, name: str) -> jinja2.Template:
        """The template; `jinja2.TemplateNotFound` when there is none of that name."""
        return self.env.get_template(name)

    def TemplateResponse(
        self,
        request: Request[Any],
        name: str,
        context: Context | None = None,
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        media_type: str | None = None,
        background: BackgroundTask | None = None,
    ) -> "_TemplateResponse":
        """The template rendered here and now. `context` is added to, if it is not empty.

        TypeError for an async context processor.
        """
        context = self._context(request, context)
        template = self.get_template(name)
        return _TemplateResponse(template, context, status_code, headers, media_type, background)

    async def AsyncTemplateResponse(
        self,
        request: Request[Any],
        name: str,
        context: Context | None = None,
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        media_type: str | None = None,
        background: BackgroundTask | None = None,
    ) -> "_TemplateResponse":
        """The template rendered without blocking the event loop on what it awaits.

        The environment must have been made with `enable_async=True`; its templates may call
        coroutine functions and loop over async iterables. Context processors may be async.
        """
        context = self._base_context(request, context)
        for processor in self.context_processors:
            values = processor(request)
            context.update(await values if isawaitable(values) else values)
        template = self.get_template(name)
        content = await template.render_async(context)
        return _TemplateResponse(
            template, context, status_code, headers, media_type, background, content=content
        )

    def StreamingTemplateResponse(
        self,
        request: Request[Any],
        name: str,
        context: Context | None = None,
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        media_type: str | None = None,
        background: BackgroundTask | None = None,
        *,
        chunk_size: int = 4096,
    ) -> "_StreamingTemplateResponse":
        """The template sent while it is rendered, at least `chunk_size` characters at a time.

        An async environment renders on the event loop, any other in worker threads. An error in
        the template then comes after the status was sent, and breaks the response off. TypeError
        for an async context processor.
        """
        context = self._context(request, context)
        template = self.get_template(name)
        chunks = _render_chunks(template, context, chunk_size)
        return _StreamingTemplateResponse(
            template, context, chunks, status_code, headers, media_type, background
        )

    def _context(self, request: Request[Any], context: Context | None) -> Context:
        context = self._base_context(request, context)
        for processor in self.context_processors:
            values = processor(request)
            if isinstance(values, Awaitable):
                raise _awaitable_values(processor, values)
            context.update(values)
        return context

    def _base_context(self, request: Request[Any], context: Context | None) -> Context:
        context = context or {}
        context.setdefault("request", request)
        return context


def _awaitable_values(processor: object, values: Awaitable[Context]) -> TypeError:
    if isinstance(values, Coroutine):
        values.close()  # it would warn that nobody awaited it
    return TypeError(f"Context processor {processor!r} is async: use AsyncTemplateResponse")


@pass_context
def _url_for(context: Mapping[str, Any], name: str, /, **path_params: Any) -> URL:
    request: Request = context["request"]
    return request.url_for(name, **path_params)


class _TemplateResponse(HTMLResponse):
    """HTML that a template gave; `template` and `context` are kept for tests to look at."""

    def __init__(
        self,
        template: jinja2.Template,
        context: Context,
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        media_type: str | None = None,
        background: BackgroundTask | None = None,
        *,
        content: str | None = None,
    ) -> None:
        self.template = template
        self.context = context
        if content is None:
            content = template.render(context)
        super().__init__(content, status_code, headers, media_type, background)

    async def __call__(self, scope: Any = None, receive: Any = None, send: Any = None) -> None:
        scope, receive, send = await _announce(self, scope, receive, send)
        await super().__call__(scope, receive, send)


class _StreamingTemplateResponse(StreamingResponse):
    """HTML that a template gives while it is sent."""

    media_type: str | None = "text/html"

    def __init__(
        self, template: jinja2.Template, context: Context, chunks: AsyncIterator[str], *args: Any
    ) -> None:
        self.template = template
        self.context = context
        super().__init__(chunks, *args)

    async def __call__(self, scope: Any = None, receive: Any = None, send: Any = None) -> None:
        scope, receive, send = await _announce(self, scope, receive, send)
        await super().__call__(scope, receive, send)


async def _announce(
    response: _TemplateResponse | _StreamingTemplateResponse, scope: Any, receive: Any, send: Any
) -> tuple[Scope, Receive, Send]:
    """Tell a test client, if it is one that asks, which template with which context is sent."""
    if send is None or scope is None:
        scope, receive, send = two_argument_call(scope, receive, send)
    request = response.context.get("request") or {}
    if "http.response.debug" in (request.get("extensions") or {}):
        info = {"template": response.template, "context": response.context}
        await send({"type": "http.response.debug", "info": info})
    return scope, receive, send


def _render_chunks(
    template: jinja2.Template, context: Context, chunk_size: int
) -> AsyncIterator[str]:
    if template.environment.is_async:
        return _gather_async(template, context, chunk_size)
    return iterate_in_threadpool(_gather(template.generate(context), chunk_size))


# A template renders in many small pieces, too small for a message and a hop to a thread each.
def _gather(pieces: Iterable[str], chunk_size: int) -> Iterator[str]:
    chunk = ""
    for piece in pieces:
        chunk += piece
        if len(chunk) >= chunk_size:
            yield chunk
            chunk = ""
    if chunk:
        yield chunk


async def _gather_async(
    template: jinja2.Template, context: Context, chunk_size: int
) -> AsyncIterator[str]:
    chunk = ""
    async with aclosing(template.generate_async(context)) as pieces:
        async for piece in pieces:
            chunk += piece
            if len(chunk) >= chunk_size:
                yield chunk
                chunk = ""
    if chunk:
        yield chunk
