"""Multipart forms: bytes in, events out. Any chunking of a body says the same."""

import sys
from typing import Any

import pytest
from hypothesis import given, strategies as st
from python_multipart.multipart import parse_options_header

from starlette_http.form_errors import FormTooLarge, MultiPartException
from starlette_http.headers import Headers
from starlette_http.multipart import MultipartDecoder, MultipartPart

Fields = list[tuple[str, str | None, bytes]]


def decoder_of(content_type: str = "multipart/form-data; boundary=B", **limits: Any) -> Any:
    headers = Headers(raw=[(b"content-type", content_type.encode("latin-1"))])
    decoder = MultipartDecoder(headers, **limits)
    decoder.start()
    return decoder


def decode(*chunks: bytes, **options: Any) -> Fields:
    """The (name, filename, content) of every part."""
    decoder = decoder_of(**options)
    fields: Fields = []
    for chunk in chunks:
        for event in decoder.feed(chunk):
            if isinstance(event, MultipartPart):
                name, filename, content = event.field_name, event.filename, b""
            elif event is None:
                fields.append((name, filename, content))
            else:
                content += event
    decoder.finish()
    return fields


def outcome(*chunks: bytes, **options: Any) -> Fields | str:
    """The parts, or the message of the error."""
    try:
        return decode(*chunks, **options)
    except MultiPartException as exc:
        return exc.message


def part(content: bytes, disposition: bytes = b'form-data; name="a"') -> bytes:
    return b"--B\r\nContent-Disposition: " + disposition + b"\r\n\r\n" + content + b"\r\n"


def file(content: bytes) -> bytes:
    return part(content, b'form-data; name="f"; filename="f.txt"')


END = b"--B--\r\n"
NO_NAME = 'The Content-Disposition header field "name" must be provided.'


@st.composite
def cut(draw: st.DrawFn, bodies: st.SearchStrategy[bytes]) -> list[bytes]:
    body = draw(bodies)
    cuts = sorted(draw(st.lists(st.integers(0, len(body)), max_size=8)))
    return [body[start:end] for start, end in zip([0, *cuts], [*cuts, len(body)], strict=True)]


FRAGMENTS = [
    *(b"\r\n", b"\r", b"\n", b"-", b"--", b"--B", b"\r\n--B", b"--B--", b" ", b"x" * 50, b"\0\xff"),
    *(b"--B\r\n", b"\r\n--B\r\n", b"\r\n--B--", b":", b"\r\n\r\n", b"A: b\r\n"),
    *(b'Content-Disposition: form-data; name="a"\r\n', b'Content-Disposition: x; filename="f"\r\n'),
]
NOISE = st.lists(st.sampled_from(FRAGMENTS), max_size=12).map(b"".join)
FORMS = st.lists(st.binary(max_size=60).map(part) | NOISE.map(part) | NOISE.map(file)).map(
    lambda parts: b"".join(parts) + END
)


@given(cut(FORMS))
def test_any_chunks_of_a_form_give_the_same_parts(chunks: list[bytes]) -> None:
    assert outcome(*chunks) == outcome(b"".join(chunks))


@given(cut(NOISE))
def test_any_chunks_of_noise_give_the_same_answer(chunks: list[bytes]) -> None:
    assert outcome(*chunks) == outcome(b"".join(chunks))


@given(
    cut(FORMS),
    st.fixed_dictionaries(
        {
            "max_files": st.integers(0, 3),
            "max_fields": st.integers(0, 3),
            "max_part_size": st.integers(0, 60),
            "max_file_size": st.none() | st.integers(0, 60),
            "max_memory": st.integers(0, 120),
        }
    ),
)
def test_any_chunks_exceed_the_same_limit(chunks: list[bytes], limits: dict[str, Any]) -> None:
    assert outcome(*chunks, **limits) == outcome(b"".join(chunks), **limits)


@given(
    st.lists(
        st.tuples(
            st.text("abc \u00e9\u20ac;=", max_size=5),
            st.none() | st.text("abc \u00e9\u20ac;=.", max_size=5),
            st.binary(max_size=100).filter(lambda content: b"\r\n--B" not in content),
        )
    )
)
def test_what_a_client_writes_is_read(fields: Fields) -> None:
    body = b""
    for name, filename, content in fields:
        disposition = f'form-data; name="{name}"'
        if filename is not None:
            disposition += f'; filename="{filename}"'
        body += part(content, disposition.encode())
    assert decode(body + END) == fields


@pytest.mark.parametrize("body", [b"", b"\r\n", b"--B--", b"--B--\r\n", b"--B--epilogue"])
def test_form_without_parts_is_empty(body: bytes) -> None:
    assert decode(body) == []


@pytest.mark.parametrize("end", [b"--B--", b"--B--\r\n", b"--B--\r\nepilogue --B\r\n"])
def test_closing_delimiter_ends_the_form(end: bytes) -> None:
    assert decode(part(b"x") + end) == [("a", None, b"x")]


@pytest.mark.parametrize(
    "body",
    [part(b"x"), part(b"x") + b"--B", part(b"x")[:-3], b"--B\r\nA: b", b"--B\r\n"],
    ids=["no end", "delimiter", "content", "header", "head"],
)
def test_body_that_ends_inside_a_part_is_malformed(body: bytes) -> None:
    assert outcome(body) == "Invalid multipart data."


def test_error_of_the_library_is_the_cause() -> None:
    with pytest.raises(MultiPartException, match=r"^Invalid multipart data\.$") as raised:
        decode(b"not a form")
    assert type(raised.value.__cause__).__name__ == "MultipartParseError"


def test_boundary_that_the_library_refuses_is_malformed() -> None:
    with pytest.raises(MultiPartException, match=r"^Invalid multipart data\.$"):
        decoder_of(f"multipart/form-data; boundary={'B' * 5000}")


@pytest.mark.parametrize("parameters", ["", ";", "; boundary", "; boundary=", '; boundary=""'])
def test_missing_boundary_is_said(parameters: str) -> None:
    with pytest.raises(MultiPartException, match=r"^Missing boundary in multipart\.$"):
        decoder_of(f"multipart/form-data{parameters}")


def test_missing_library_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "python_multipart.multipart", None)
    with pytest.raises(
        AssertionError,
        match="^The `python-multipart` library must be installed to use form parsing."
        r" Install it with: pip install 'starlette-http\[forms\]'$",
    ):
        decoder_of()


def test_boundary_may_be_quoted() -> None:
    assert decode(part(b"x") + END, content_type='multipart/form-data; boundary="B"')


@pytest.mark.parametrize(
    "head", [b"Content-Disposition: form-data", b"X: y", b'Content-Disposition: x; filename="f"']
)
def test_part_without_a_name_is_refused(head: bytes) -> None:
    body = b"--B\r\n" + head + b"\r\n\r\nx\r\n" + END
    assert outcome(body) == NO_NAME


@pytest.mark.parametrize(
    ("disposition", "filename"),
    [
        (b'form-data; name="a"; filename="b.txt"', "b.txt"),
        (b'form-data; name="a"; filename=""', ""),
        (b"form-data; name=a; filename=b.txt", "b.txt"),
        (b'anything; name="a"; filename="b.txt"', "b.txt"),
        (b'form-data; name="a"; filename="b.txt"; filename*=UTF-8\'\'c.txt', "b.txt"),
        (b"form-data; name=\"a\"; filename*=UTF-8''c.txt", None),
        (b'form-data; name="a"; filename="C:\\dir\\b.txt"', "b.txt"),
        (b'form-data; name="a"; filename="\xe2\x82\xac"', "\u20ac"),
        (b'form-data; name="a"; filename="\xff"', "\xff"),
        (b'form-data; name="a"', None),
    ],
)
def test_filename_makes_a_part_a_file(disposition: bytes, filename: str | None) -> None:
    assert decode(part(b"x", disposition) + END) == [("a", filename, b"x")]


PIECES = [b"form-data", b"; ", b'name="', b'filename="', b'"', b"a", b"=", b";", b"\\", b" ", b"*"]


@given(
    st.lists(st.sampled_from(PIECES)).map(b"".join)
    | st.from_regex(rb'form-data; name="[^"\r]{0,5}"(; filename="[^"\r]{0,5}")?', fullmatch=True)
)
def test_any_disposition_is_read_as_the_library_reads_it(disposition: bytes) -> None:
    disposition = disposition.strip(b" ")
    _, options = parse_options_header(disposition)
    body = part(b"x", disposition) + END
    if b"name" not in options:
        assert outcome(body) == NO_NAME
        return
    filename = options.get(b"filename")
    decode_name = decoder_of().decode
    filename_text = None if filename is None else decode_name(filename)
    assert decode(body) == [(decode_name(options[b"name"]), filename_text, b"x")]


def test_headers_of_a_part_have_lower_case_names() -> None:
    body = b'--B\r\nContent-DISPOSITION: f; name="a"\r\nX-Y: Z z \r\n\r\n\r\n' + END
    (head, *_) = decoder_of().feed(body)
    assert head.item_headers == [(b"content-disposition", b'f; name="a"'), (b"x-y", b"Z z ")]


@pytest.mark.parametrize(
    ("charset", "content", "text"),
    [
        ("utf-8", b"\xe2\x82\xac", "\u20ac"),
        ("UTF8", b"\xe2\x82\xac", "\u20ac"),
        ("utf-8", b"\xff", "\xff"),
        ("iso-8859-15", b"\xa4", "\u20ac"),
        ("windows-1252", b"\x80", "\u20ac"),
        ("koi8-u", b"\xa4", "\u0454"),
        ("utf-8-sig", b"\xe2\x82\xac", "\u20ac"),
        ("utf-16", b"x", "x"),
        *(
            (label, b"\xe9", "\xe9")
            for label in ("unknown", "undefined", "a\0b", "idna", "punycode", "hex", "rot13")
        ),
        ("unicode_escape", b"\\x41", "\\x41"),
    ],
)
def test_charset_decodes_or_is_latin_1(charset: str, content: bytes, text: str) -> None:
    decoder = decoder_of(f"multipart/form-data; boundary=B; charset={charset}")
    assert decoder.decode(content) == text


def test_charset_holds_for_names() -> None:
    body = part(b"x", b'form-data; name="\xa4"; filename="\xa4"') + END
    content_type = "multipart/form-data; boundary=B; charset=iso-8859-15"
    assert decode(body, content_type=content_type) == [("\u20ac", "\u20ac", b"x")]


@pytest.mark.parametrize(
    ("body", "limit", "message"),
    [
        (file(b"") * 3, {"max_files": 2}, "Too many files. Maximum number of files is 2."),
        (part(b"") * 3, {"max_fields": 2}, "Too many fields. Maximum number of fields is 2."),
        (part(b"123"), {"max_part_size": 2}, "Part exceeded maximum size of 2 bytes."),
        (part(b"1" * 1025), {"max_part_size": 1024}, "Part exceeded maximum size of 1KB."),
    ],
)
def test_limit_that_is_exceeded_is_named(body: bytes, limit: dict[str, int], message: str) -> None:
    with pytest.raises(MultiPartException) as raised:
        decode(body + END, **limit)
    assert (raised.value.message, str(raised.value), raised.value.status_code) == (
        message,
        message,
        400,
    )


@pytest.mark.parametrize(
    ("body", "limit", "message"),
    [
        (file(b"123"), {"max_file_size": 2}, "File exceeded maximum size of 2 bytes."),
        (
            part(b"12") * 2,
            {"max_memory": 3},
            "Form fields exceeded maximum size of 3 bytes together.",
        ),
    ],
)
def test_size_that_is_exceeded_is_413(body: bytes, limit: dict[str, int], message: str) -> None:
    with pytest.raises(FormTooLarge) as raised:
        decode(body + END, **limit)
    assert (raised.value.message, raised.value.status_code) == (message, 413)


def test_limits_that_are_met_exactly_are_no_error() -> None:
    body = part(b"12") * 2 + file(b"123") + END
    fields = decode(body, max_files=1, max_fields=2, max_part_size=2, max_file_size=3, max_memory=4)
    assert len(fields) == 3


def test_files_do_not_count_as_text() -> None:
    body = file(b"1" * 100) + END
    assert decode(body, max_part_size=1, max_memory=1) == [("f", "f.txt", b"1" * 100)]


def test_counts_may_be_unlimited() -> None:
    body = part(b"") * 2000 + file(b"") * 2000 + END
    assert len(decode(body, max_files=float("inf"), max_fields=float("inf"))) == 4000


def test_whole_chunk_of_a_file_is_passed_on_without_a_copy() -> None:
    decoder, chunk = decoder_of(), b"1" * 65536
    decoder.feed(file(b"")[:-2])
    assert decoder.feed(chunk)[0] is chunk


def test_chunk_may_be_any_bytes_like_object() -> None:
    body = part(b"x") + END
    assert decode(memoryview(body)) == decode(bytearray(body)) == decode(body)  # type: ignore[arg-type]
