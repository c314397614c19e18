"""The Host header: what it may be (RFC 9110, section 7.2), and its two parts."""

import ipaddress
import re
from functools import lru_cache
from typing import NamedTuple

__all__ = ["ParsedHost", "parse_host_header"]

# RFC 3986, section 3.2.2, without the userinfo that an authority may have in other places.
_HOST = re.compile(
    r"""
    (?P<host>
        [A-Za-z0-9._~%!$&'()*+,;=-]+
        | \[ (?: (?P<ipv6>[0-9A-Fa-f:.]+)
               | v[0-9A-Fa-f]+\.[A-Za-z0-9._~!$&'()*+,;=:-]+ ) \]
    )
    (?: : (?P<port>[0-9]+) )?
    """,
    re.VERBOSE,
)


class ParsedHost(NamedTuple):
    """A host (an IPv6 one with its brackets) and its port: digits as they were sent, or None."""

    host: str
    port: str | None

    @property
    def authority(self) -> str:
        """Both parts as one text, `host` or `host:port`."""
        return self.host if self.port is None else f"{self.host}:{self.port}"

    @property
    def is_valid_port(self) -> bool:
        """Whether the port is absent or at most 65535, leading zeros not counted."""
        if self.port is None:
            return True
        digits = self.port.lstrip("0")
        return len(digits) < 6 and int(digits or 0) <= 65535


def parse_host_header(value: str | None) -> ParsedHost | None:
    """Take a Host header apart; None for a value that is no host, or that has more than one.

    Userinfo, path characters, blanks, controls and non-ASCII characters are refused, and brackets
    hold a valid IPv6 or future (`[v1.x]`) address, without a zone: that means something on the
    client's machine alone (RFC 6874, section 4). The range of the port is not checked.
    """
    return _parse(value or "")


# Clients of one server send the same few names again and again.
@lru_cache(maxsize=64)
def _parse(value: str) -> ParsedHost | None:
    match = _HOST.fullmatch(value)
    if match is None or not _is_ipv6(match["ipv6"] or "::"):
        return None
    return ParsedHost(match["host"], match["port"])


def _is_ipv6(address: str) -> bool:
    try:
        ipaddress.IPv6Address(address)
    except ValueError:
        return False
    return True
