"""This name is the module object `starlette_routing.routing`."""

import sys
from typing import TYPE_CHECKING

import starlette_routing.routing as _target

if TYPE_CHECKING:
    from starlette_routing.routing import *  # noqa: F403
    from starlette_routing.routing import (
        _AsyncLiftContextManager as _AsyncLiftContextManager,
        _DefaultLifespan as _DefaultLifespan,
        _wrap_gen_lifespan_context as _wrap_gen_lifespan_context,
    )

sys.modules[__name__] = _target
