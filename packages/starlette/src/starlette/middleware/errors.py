"""This name is the module object `starlette_middleware.errors`."""

import sys
from typing import TYPE_CHECKING

import starlette_middleware.errors as _target

if TYPE_CHECKING:
    from starlette_middleware.errors import *  # noqa: F403

sys.modules[__name__] = _target
