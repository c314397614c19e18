"""Media types by name, the same on every machine.

`mimetypes` knows what this version of Python, the tables of the system and other code in the
process have put into it. The types here are registered, and missing or wrong in some of those;
browsers insist on a few: what is not `text/javascript` is not run as a module, and what is not
`application/wasm` is not compiled while it streams. They are kept here and not added to
`mimetypes`, whose tables belong to the whole process.
"""

import mimetypes
import os
from collections.abc import Mapping

__all__ = ["MODERN_TYPES", "media_type_of"]

MODERN_TYPES: Mapping[str, str] = {
    ".flac": "audio/flac",
    ".geojson": "application/geo+json",
    ".glb": "model/gltf-binary",
    ".gltf": "model/gltf+json",
    ".js": "text/javascript",
    ".jsonld": "application/ld+json",
    ".jxl": "image/jxl",
    ".m4a": "audio/mp4",
    ".map": "application/json",
    ".mjs": "text/javascript",
    ".ogg": "audio/ogg",
    ".otf": "font/otf",
    ".ttf": "font/ttf",
    ".wasm": "application/wasm",
    ".weba": "audio/webm",
    ".webmanifest": "application/manifest+json",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
}


def media_type_of(name: str, more: Mapping[str, str]) -> str:
    """The media type of a file by its name; `more` (by extension) wins over all that is known."""
    extension = os.path.splitext(name)[1].lower()
    return (
        more.get(extension)
        or MODERN_TYPES.get(extension)
        or _registered(name, extension)
        or "application/octet-stream"
    )


def _registered(name: str, extension: str) -> str | None:
    # What `guess_type` comes to, after its first call, for a path with a plain extension.
    known = mimetypes.types_map.get(extension) if mimetypes.inited else None
    if known and not (extension in mimetypes.encodings_map or extension in mimetypes.suffix_map):
        return known
    return mimetypes.guess_type(name)[0]
