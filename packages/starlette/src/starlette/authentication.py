"""This name is the module object `starlette_middleware.auth`."""

import sys
from typing import TYPE_CHECKING

import starlette_middleware.auth as _target

if TYPE_CHECKING:
    from starlette_middleware.auth import *  # noqa: F403

sys.modules[__name__] = _target
