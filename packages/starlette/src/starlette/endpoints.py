"""This name is the module object `starlette_routing.endpoints`."""

import sys
from typing import TYPE_CHECKING

import starlette_routing.endpoints as _target

if TYPE_CHECKING:
    from starlette_routing.endpoints import *  # noqa: F403

sys.modules[__name__] = _target
