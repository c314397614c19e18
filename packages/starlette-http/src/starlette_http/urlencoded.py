"""Urlencoded forms (`application/x-www-form-urlencoded`, WHATWG URL): bytes in, pairs out.

The body is cut at `&` a block of whole fields at a time, and decoded as query strings are. Limits
are checked before anything is decoded, and hold at the very byte that is too much, so the answer
does not depend on how the body was cut into chunks.
"""

from .form_errors import FormTooLarge, MultiPartException, readable_size
from .querystring import parse_pairs

__all__ = ["UrlencodedDecoder"]


class UrlencodedDecoder:
    """Takes the chunks of a body with `feed()`, and gives the pairs with `finish()`.

    Parameters:
        max_fields: how many fields there may be; empty pieces between `&` are none.
        max_part_size: bytes of the name and value of one field, as they were sent.
        max_memory: bytes of all fields together, as they were sent.

    Over a limit is a MultiPartException. Time is linear in the body, for chunks of any size.
    """

    def __init__(
        self,
        *,
        max_fields: float = 1000,
        max_part_size: int = 1024 * 1024,
        max_memory: int = 16 * 1024 * 1024,
    ) -> None:
        self.max_fields = max_fields
        self.max_part_size = max_part_size
        self.max_memory = max_memory
        self._room = max_memory
        self._pairs: list[tuple[str, str]] = []
        # The field that has begun. A bytearray: one that comes byte by byte is not copied for each.
        self._rest = bytearray()

    def feed(self, data: bytes) -> None:
        """Take the next chunk."""
        block, separator, rest = data[: self._room].rpartition(b"&")
        if separator:
            self._take(bytes(self._rest + block))
            self._rest = bytearray(rest)
        else:
            self._rest += rest
        self._check(self._rest, len(self._pairs) + 1)
        self._room -= len(data)
        if self._room < 0:
            limit = readable_size(self.max_memory)
            raise FormTooLarge(f"Form fields exceeded maximum size of {limit} together.")

    def finish(self) -> list[tuple[str, str]]:
        """Tell that the body is complete: all its pairs in order."""
        self._take(bytes(self._rest))
        self._rest.clear()
        return self._pairs

    def _take(self, block: bytes) -> None:
        """Decode whole fields; look at them one by one only where one might be too much."""
        most = len(self._pairs) + block.count(b"&") + 1
        if most > self.max_fields or len(block) > self.max_part_size:
            pieces = filter(None, block.split(b"&"))
            for number, piece in enumerate(pieces, len(self._pairs) + 1):
                self._check(piece, number)
        self._pairs += parse_pairs(block)

    def _check(self, field: bytes | bytearray, number: int) -> None:
        """Refuse the field with this number, or as much of it as has come, if it is too much."""
        if field and number > self.max_fields:
            raise MultiPartException(
                f"Too many fields. Maximum number of fields is {self.max_fields}."
            )
        if len(field) > self.max_part_size and len(field) - (b"=" in field) > self.max_part_size:
            limit = readable_size(self.max_part_size)
            raise MultiPartException(f"Field exceeded maximum size of {limit}.")
