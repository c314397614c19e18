"""This name is the module object `starlette_middleware.compression`."""

import sys
from typing import TYPE_CHECKING

import starlette_middleware.compression as _target

if TYPE_CHECKING:
    from starlette_middleware.compression import *  # noqa: F403

sys.modules[__name__] = _target
