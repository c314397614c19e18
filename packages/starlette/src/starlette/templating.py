"""This name is the module object `starlette_http.templating`."""

import sys
from typing import TYPE_CHECKING

import starlette_http.templating as _target

if TYPE_CHECKING:
    from starlette_http.templating import *  # noqa: F403
    from starlette_http.templating import _TemplateResponse as _TemplateResponse

sys.modules[__name__] = _target
