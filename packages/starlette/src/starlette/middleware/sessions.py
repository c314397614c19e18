"""This name is the module object `starlette_middleware.sessions`."""

import sys
from typing import TYPE_CHECKING

import starlette_middleware.sessions as _target

if TYPE_CHECKING:
    from starlette_middleware.sessions import *  # noqa: F403

sys.modules[__name__] = _target
