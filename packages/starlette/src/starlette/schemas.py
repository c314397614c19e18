"""This name is the module object `starlette_routing.schemas`."""

import sys
from typing import TYPE_CHECKING

import starlette_routing.schemas as _target

if TYPE_CHECKING:
    from starlette_routing.schemas import *  # noqa: F403

sys.modules[__name__] = _target
