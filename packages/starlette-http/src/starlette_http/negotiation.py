"""What a client accepts, by quality values (RFC 9110, sections 12.4.2, 12.5.1 and 12.5.3).

1. A member without a weight has weight 1; weight 0 means "not acceptable".
2. A member whose weight is malformed is not acceptable: the client said something we cannot read.
3. A member that is listed more than once has the best of its weights.

The functions are pure and take time linear in the length of the header.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

__all__ = ["names_media_type", "parse_weights", "preferred_encoding"]

# The closing quote is optional, so that an unterminated string is matched once, not once per quote.
_QUOTED_STRING = re.compile(r'"(?:[^"\\]|\\.)*"?', re.DOTALL)

# RFC 9110 wants a digit before the point; Java's HTTP client is known for `*; q=.2`.
_WEIGHT = re.compile(r"0(?:\.[0-9]*)?|1(?:\.0*)?|\.[0-9]+")


def parse_weights(header: str) -> dict[str, float]:
    """Give the weight of each member of an Accept-like header, by its lower-cased name.

    Parameters other than `q` are dropped: `text/html;level=1;q=0.5` is `{"text/html": 0.5}`.
    """
    if ";" not in header:
        return dict.fromkeys(filter(None, map(str.strip, header.lower().split(","))), 1.0)
    if '"' in header:
        header = _QUOTED_STRING.sub("", header)
    weights: dict[str, float] = {}
    for member in header.lower().split(","):
        name, parametrised, parameters = member.partition(";")
        if name := name.strip():
            weight = _weight(parameters) if parametrised else 1.0
            weights[name] = max(weight, weights[name]) if name in weights else weight
    return weights


def _weight(parameters: str) -> float:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            value = value.strip()
            return float(value) if _WEIGHT.fullmatch(value) else 0.0
    return 1.0


def preferred_encoding(header: str | None, offered: Sequence[str]) -> str | None:
    """Choose one of the content codings `offered` for a client that sent this Accept-Encoding.

    The best weight wins; among equals, the first offered. `*` stands for every coding that is not
    listed, `x-gzip` for `gzip`. None means: send the content as it is, because no header was sent,
    no offered coding is acceptable, or `identity` is listed with a better weight than all of them.
    """
    if not header:
        return None
    choose = _remembered if len(header) <= 100 else _choose
    return choose(header, tuple(offered))


def _choose(header: str, offered: tuple[str, ...]) -> str | None:
    weights = parse_weights(header)
    if "x-gzip" in weights:
        weights.setdefault("gzip", weights["x-gzip"])
    others = weights.get("*", 0.0)
    chosen, best = None, 0.0
    for coding in offered:
        weight = weights.get(coding, others)
        if weight > best:
            chosen, best = coding, weight
    return chosen if best >= weights.get("identity", 0.0) else None


# Clients send a handful of headers, over and over; what others invent must not fill the memory.
_remembered = lru_cache(maxsize=64)(_choose)


def names_media_type(header: str | None, media_type: str) -> bool:
    """Tell whether an Accept header asks for `media_type` by its name, with a weight above 0.

    Ranges such as `*/*` do not count: clients that do not care about the type send them.
    """
    return header is not None and parse_weights(header).get(media_type, 0.0) > 0
