"""Helpers that other packages import from here; they live in the rooms of starlette-http."""

from starlette_http.awaitables import (
    AwaitableOrContextManager as AwaitableOrContextManager,
    AwaitableOrContextManagerWrapper as AwaitableOrContextManagerWrapper,
)
from starlette_http.callables import is_async_callable as is_async_callable
from starlette_http.concurrency import (
    create_collapsing_task_group as create_collapsing_task_group,
)
from starlette_http.hosts import ParsedHost as ParsedHost, parse_host_header as parse_host_header
from starlette_http.paths import get_route_path as get_route_path

__all__ = [
    "AwaitableOrContextManager",
    "AwaitableOrContextManagerWrapper",
    "ParsedHost",
    "create_collapsing_task_group",
    "get_route_path",
    "is_async_callable",
    "parse_host_header",
]
