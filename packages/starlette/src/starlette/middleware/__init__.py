"""`Middleware`, the record of one layer; each middleware is a module of this package."""

from starlette_middleware.record import Middleware as Middleware

__all__ = ["Middleware"]
