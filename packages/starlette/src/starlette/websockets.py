"""This name is the module object `starlette_websockets.websockets`."""

import sys
from typing import TYPE_CHECKING

import starlette_websockets.websockets as _target

if TYPE_CHECKING:
    from starlette_websockets.websockets import *  # noqa: F403

sys.modules[__name__] = _target
