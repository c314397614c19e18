"""Reading the Cookie request header (RFC 6265bis, section 5.8.3) as browsers really send it."""

import re

__all__ = ["cookie_parser"]

# A quoted value escapes a character as \" or as three octal digits.
_unescape = re.compile(r"\\(?:([0-3][0-7][0-7])|(.))").sub


def cookie_parser(cookie_string: str) -> dict[str, str]:
    """Parse the value of a Cookie header into a dict of names and values.

    Never fails: a piece without "=" is a value with the name "", pieces that are empty are
    skipped, and of two cookies with one name the later wins. Values in double quotes are unquoted;
    nothing is percent-decoded. Linear in the length of the header.
    """
    cookies: dict[str, str] = {}
    quoted = '"' in cookie_string
    for piece in cookie_string.split(";"):
        name, equals, value = piece.partition("=")
        name, value = name.strip(), value.strip()
        if not equals:
            name, value = "", name
        if name or value:
            cookies[name] = _unquote(value) if quoted else value
    return cookies


def _unquote(value: str) -> str:
    if len(value) < 2 or not value[0] == value[-1] == '"':
        return value
    return _unescape(lambda match: chr(int(match[1], 8)) if match[1] else match[2], value[1:-1])
