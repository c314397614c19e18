"""This name is the module object `starlette_middleware.opentelemetry`."""

import sys
from typing import TYPE_CHECKING

import starlette_middleware.opentelemetry as _target

if TYPE_CHECKING:
    from starlette_middleware.opentelemetry import *  # noqa: F403

sys.modules[__name__] = _target
