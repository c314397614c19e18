"""ASGI-2 applications ("double callables") in an ASGI-3 world."""

from contextvars import ContextVar

from .types import Scope

__all__ = ["serving_scope"]

serving_scope: ContextVar[Scope] = ContextVar("serving_scope")
"""The scope of the ASGI-2 application being served; unset outside of one.

It is what a response called as `response(receive, send)` answers to."""
