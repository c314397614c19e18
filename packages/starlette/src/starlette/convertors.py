"""This name is the module object `starlette_routing.convertors`."""

import sys
from typing import TYPE_CHECKING

import starlette_routing.convertors as _target

if TYPE_CHECKING:
    from starlette_routing.convertors import *  # noqa: F403

sys.modules[__name__] = _target
