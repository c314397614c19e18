"""This name is the module object `starlette_middleware.debug`."""

import sys
from typing import TYPE_CHECKING

import starlette_middleware.debug as _target

if TYPE_CHECKING:
    from starlette_middleware.debug import *  # noqa: F403

sys.modules[__name__] = _target
