"""This name is the module object `starlette_middleware.exceptions`."""

import sys
from typing import TYPE_CHECKING

import starlette_middleware.exceptions as _target

if TYPE_CHECKING:
    from starlette_middleware.exceptions import *  # noqa: F403

sys.modules[__name__] = _target
