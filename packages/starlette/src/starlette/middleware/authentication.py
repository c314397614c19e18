"""This name is the module object `starlette_middleware.authentication`."""

import sys
from typing import TYPE_CHECKING

import starlette_middleware.authentication as _target

if TYPE_CHECKING:
    from starlette_middleware.authentication import *  # noqa: F403

sys.modules[__name__] = _target
