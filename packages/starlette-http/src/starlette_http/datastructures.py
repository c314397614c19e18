"""The data that requests and responses are made of, collected from the rooms that hold it."""

from .headers import Headers, MutableHeaders
from .multidict import FormData, ImmutableMultiDict, MultiDict, QueryParams
from .settings import CommaSeparatedStrings, Secret
from .state import State
from .uploads import UploadFile
from .urls import URL, Address, URLPath

__all__ = [
    "URL",
    "Address",
    "CommaSeparatedStrings",
    "FormData",
    "Headers",
    "ImmutableMultiDict",
    "MultiDict",
    "MutableHeaders",
    "QueryParams",
    "Secret",
    "State",
    "URLPath",
    "UploadFile",
]
