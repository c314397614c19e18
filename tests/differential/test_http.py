"""Data, requests, responses and forms, evaluated over ours and over upstream's (see conftest.py).

What an expression comes to must be the same to the letter, except where DIFFERENT says what ours
is, and why.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

Outcomes = dict[str, tuple[str, str]]
Evaluate = Callable[[list[str], Path], Outcomes]

FILES = {
    "ten.txt": b"0123456789",
    "empty.txt": b"",
    "two-chunks.bin": b"x" * 2 * 65536,
    "odd.bin": b"y" * 70000,
    "index.html": b"<p>",
    "404.html": b"no",
    "sub/index.html": b"sub",
    "bare/a.txt": b"a",
}
A_TIME = 1_700_000_000
ITS_DATE = "Tue, 14 Nov 2023 22:13:20 GMT"
THE_SECOND_BEFORE = "Tue, 14 Nov 2023 22:13:19 GMT"

_URLS = [
    "",
    "/",
    "http://a",
    "http://u:p@A.B:1/x?y=1&y=2#z",
    "https://[::1]:8/",
    "http://a:99999/",
    "http://[bad/",
    "//x/y",
    "a b",
    "?q=1",
    "mailto:x@y",
    "http://u@h/",
    "http://h:/",
    "HTTP://h/",
]
_PARTS = "scheme netloc path query fragment username password hostname port is_secure".split()
_HOSTED = ["http://a", "http://u:p@A.B:1/x?y=1&y=2#z", "https://[::1]:8/", "//x/y", "http://u@h/"]
_CHANGES = [
    "replace(port=9)",
    "replace(port=None)",
    "replace(hostname='h2')",
    "replace(hostname='::1')",
    "replace(hostname='fe80::1%eth0')",
    "replace(hostname=None)",
    "replace(username='n')",
    "replace(username=None)",
    "replace(password='q')",
    "replace(password=None)",
    "replace(scheme='wss', path='rel', query='z=2', fragment='f')",
    "replace(netloc='n')",
    "replace(netloc='n', port=4)",
    "include_query_params(x=3, y=[1, 2], z=None)",
    "replace_query_params(a='b c', d='\u00e9')",
    "replace_query_params()",
    "remove_query_params('y')",
    "remove_query_params(['y', 'nope'])",
]
_SCOPES = [
    "scope()",
    "scope(server=('h', 80))",
    "scope(server=('h', 443), scheme='https')",
    "scope(server=('::1', 81), scheme='wss')",
    "scope('/a b?c#d\\\\e')",
    "scope('//x')",
    "scope('//x', server=('h', 1))",
    "scope('/r/x', root_path='/r', app_root_path='/q', server=('h', 1))",
    "scope(query='\u00e9=1'.encode())",
]
_HOSTS = ["a", "A:080", "a:99999", "u@a", "a/b", "a b", "a:", "a,b", "[::1]:1", "[::x]", "[V1.a]"]

URLS = [
    *(f"URL({url!r}).{part}" for url in _URLS for part in _PARTS),
    *(f"repr(URL({url!r}))" for url in _URLS if "[bad" not in url),
    *(f"URL({url!r}).{change}" for url in _HOSTED for change in _CHANGES),
    *(f"URL(scope={given})" for given in _SCOPES),
    *(f"Request({given}).base_url" for given in _SCOPES),
    *(f"URL(scope=scope(server=('s', 1), headers={{'host': {host!r}}}))" for host in _HOSTS),
    *(
        f"URLPath({path!r}, protocol={protocol!r}).make_absolute_url('https://h:1/base/?x=1')"
        for path in ("a", "/a", "//a", "\\a", "/a\\b", "")
        for protocol in ("", "http", "websocket")
    ),
    "URL('a', scope=scope())",
    "URL('a', path='b')",
    "URL(scheme='http', netloc='a', path='/b')",
    "URL('a') == 'a'",
]

_QUERIES = "a a=1 a=1&a=2 a=&b =z a==b a;b=1 a+b=c+d %zz=%41 ?a=1 %C3%A9 %ff && = & %00=1 a=1#f"
QUERY_PARAMS = [
    *(
        f"(lambda q: (q, str(q), q.multi_items(), dict(q), q.getlist('a')))(QueryParams({query!r}))"
        for query in ("", "\u00e9=\u00fc", " a = b ", *_QUERIES.split())
    ),
    "QueryParams({'a': None, 1: 2}).multi_items()",
    "QueryParams([('a', 'b'), ('a', 'c')], d=1).multi_items()",
    "QueryParams(b'a=%C3%A9').multi_items()",
    "QueryParams('a=1', 'b')",
    "QueryParams('a=1&b=2') == QueryParams('b=2&a=1')",
    "QueryParams('a=1&a=2') == QueryParams('a=2&a=1')",
    "QueryParams('a=1')['b']",
    "hash(QueryParams())",
]

_MULTI = "MultiDict([('a', '1'), ('b', '2'), ('a', '3')])"
_STEPS = """
m.__setitem__('a', '9')|m.__delitem__('a')|m.__delitem__('z')|m.pop('a')|m.pop('z', 5)|m.popitem()
m.poplist('a')|m.clear()|m.setdefault('a', 'x')|m.setdefault('z', 'x')|m.append('a', '4')
m.setlist('a', ['7', '8'])|m.setlist('a', [])|m.update(a='x', c='y')|m.update(m)|m.update(1, 2)
m.update([('a', 'x'), ('a', 'y')])|m.getlist('a')|list(m.items())|m == dict(m)
""".replace("\n", "|").strip("|")
MULTI_DICTS = [f"changed({_MULTI}, lambda m: {step})" for step in _STEPS.split("|")]

_HEADERS = ["{'A': '1', 'b': '2'}", "raw=[(b'a', b'1'), (b'b', b'2'), (b'a', b'3')]"]
_HEADER_STEPS = """
m['A']|m['z']|m.get('A')|m.get('z', 5)|m.getlist('A')|m.keys()|m.values()|m.items()|dict(m)|len(m)
'A' in m|m == {'a': '1', 'b': '2'}|m == Headers({'b': '2', 'A': '1'})|hash(m)
m.__setitem__('A', '9')|m.__setitem__('C', '\u00e9')|m.__setitem__('a', '\u20ac')
m.__delitem__('A')|m.__delitem__('z')|m.setdefault('A', 'x')|m.setdefault('z', 'x')
m.update({'a': 'q', 'N': 'w'})|m.update(Headers(raw=[(b'a', b'1'), (b'a', b'2')]))
m.append('A', 'z')|m.__or__({'a': '9'})|m.__ior__({'a': '9'})|m.__or__([])|m.add_vary_header('x')
""".replace("\n", "|").strip("|")
HEADERS = [
    *(
        f"changed(MutableHeaders({source}), lambda m: {step})"
        for source in _HEADERS
        for step in _HEADER_STEPS.split("|")
    ),
    "Headers({'a': '1'}, raw=[])",
    "Headers(raw=[], scope=scope())",
    "Headers({'\u20ac': 'a'})",
    "'\u20ac' in Headers()",
]

_COOKIES = [
    *("a=b; c=d", "a", "=a", "a=", "; ;", "a=b=c", 'a="b"', 'a="b;c"', "a=1; a=2", " a = b "),
    *(r'a="\"b\""', r'a="\303\251"', r'a="\400"', 'a="', "a=%20", "a=b,c=d", "$Version=1; a=b"),
]
_SET_COOKIES = """
'a'|'a', 'b'|'a', 'b c'|'a', 'b;,\u00e9'|'a', '\u20ac'|'a b', 'c'|'path', 'c'|'', 'b'|'a', '"q"'
'a', 'b', max_age=10|'a', 'b', max_age=0|'a', 'b', expires='soon'|'a', 'b', path=None
'a', 'b\\r\\nc'|\
'a', 'b', path='/x', domain='d.org', secure=True, httponly=True, samesite='none'
'a', 'b', samesite='LAX'|'a', 'b', samesite=None|'a', 'b', samesite='x'|'a', 'b', path='/;x'
""".replace("\n", "|").strip("|")
COOKIES = [
    *(f"cookie_parser({header!r})" for header in _COOKIES),
    *(f"cookie({arguments})" for arguments in _SET_COOKIES.split("|")),
]

RESPONSES = [
    "call(Response())",
    "call(Response('\u00e9', 201, {'X-A': 'b'}, 'text/plain'))",
    "call(Response(b'x', media_type='text/plain; charset=latin-1'))",
    "call(Response(memoryview(b'abcd')[::2], media_type='application/json'))",
    "call(Response('x', headers=Headers(raw=[(b'a', b'1'), (b'a', b'2')])))",
    "call(Response('x', headers={'content-length': '9', 'Content-Type': 'a/b'}))",
    "call(Response('x', headers={'a': '\u20ac'}))",
    "call(Response('x', headers={'a': 'b\\r\\nc: d'}))",
    "call(Response('x'), method='HEAD')",
    "call(Response('x'), type='websocket')",
    "call(Response('x', 204))",
    "Response({})",
    "Response(bytearray(b'x'))",
    "Response('x', None)",
    "call(HTMLResponse('<p>'))",
    "call(PlainTextResponse('x', 418))",
    "call(JSONResponse({'a': 1, '\u00e9': [1, 2.5, None, True], 3: 4}))",
    "JSONResponse(float('nan'))",
    "JSONResponse(b'x')",
    "call(RedirectResponse('http://h/\u00e9 ?x=\"#%41\\r\\n\\\\'))",
    "call(RedirectResponse(URL('/x'), 302, {'Location': 'z', 'a': 'b'}))",
    "call(StreamingResponse(['a', b'b', memoryview(b'c'), '\u00e9', '']))",
    "call(StreamingResponse(iter('a'), 202, {'x': 'y'}, 'text/plain'))",
    "call(StreamingResponse([]))",
    "call(StreamingResponse([1]))",
    "call(StreamingResponse(['x']), type='websocket')",
]

_RANGES = """
0-1|0-1,|0-1,foo|5-|-3|-100|0-100|10-|-0|0-1,20-30|-|a-b|1|5-4|0-1,5-4|0-1,3-4|0-2,3-4|3-4,0-1
0-5,2-3|9-9|-1,0-0|,|=0-1|0-,-1|0-99999999999999999999|1 2-3|0-1;2-3|0-1-2|0x1-2|20-10|+1-2|1_0-
""".replace("\n", "|").strip("|")
_FILE_ARGUMENTS = [
    *("filename='a b.txt'", "filename='\u00e9.txt'", "filename='a/b.txt'", "filename=''"),
    *("filename='a\"b'", "filename='x.html', content_disposition_type='inline'"),
    *("media_type='text/csv'", "status_code=201", "headers={'etag': 'e', 'Content-Length': '3'}"),
]
FILE_RESPONSES = [
    *(f"call(file({name!r}), method={m!r})" for name in list(FILES)[:4] for m in ("GET", "HEAD")),
    *(f"call(file({arguments}))" for arguments in _FILE_ARGUMENTS),
    "call(file('nope'))",
    "call(file('.'))",
    "call(file(), extensions={'http.response.pathsend': {}})",
    "call(file(), extensions={'http.response.pathsend': {}}, headers={'range': 'bytes=0-1'})",
    "call(file(), type='websocket')",
    *(f"ranges('bytes={given}')" for given in _RANGES.split("|")),
    *(f"ranges({given!r})" for given in ("", "x", "items=0-1", "BYTES = 0 - 1", "bytes 0-1")),
    *(f"ranges({given!r}, 'empty.txt')" for given in ("bytes=0-", "bytes=-1", "bytes=")),
    *(f"ranges('bytes={given}', 'odd.bin')" for given in ("0-65536", "0-0,65536-")),
    "[(len(body), more) for body, more in ranges('bytes=1-65536', 'odd.bin')[2]]",
    *(f"ranges('bytes=0-1', method={m!r})" for m in ("HEAD", "POST", "get")),
    *(f"ranges('bytes=0-1,3-4' + ',5-6' * {n})" for n in (98, 99)),
    *(f"ranges('bytes=0-1', **{{'if-range': {v!r}}})" for v in ("", "x", ITS_DATE)),
    "call(file(headers={'etag': 'W/e'}), headers={'range': 'bytes=0-1', 'if-range': 'W/e'})",
]

_PATHS = """
/ten.txt|/ten.txt/|//ten.txt|/./ten.txt|/sub/../ten.txt|/../ten.txt|/|/sub|/sub/|/bare|/bare/|/nope|\
/a\0b|/ten.txt/b|/..|\\ten.txt|/TEN.TXT|/404.html|ten.txt
""".strip()
_CONDITIONS = [
    {"if-none-match": "*"},
    {"if-none-match": '"x", *'},
    {"if-modified-since": ITS_DATE},
    {"if-modified-since": THE_SECOND_BEFORE},
    {"if-modified-since": "junk"},
    {"if-modified-since": ITS_DATE, "if-none-match": '"x"'},
    {"if-modified-since": ITS_DATE, "if-none-match": ""},
    {"if-modified-since": ITS_DATE, "range": "bytes=0-1"},
]
STATIC_FILES = [
    *(f"static({p!r}, html={html})" for html in (False, True) for p in _PATHS.split("|")),
    *(f"static('/ten.txt', headers={headers})" for headers in _CONDITIONS),
    *(f"static('/nope', method={method!r})" for method in ("HEAD", "POST", "OPTIONS", "get")),
    "static('/m/sub', root_path='/m', query=b'q=1', html=True, headers={'host': 'h'})",
]

_FIELD = b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
_FILE = (
    b'--B\r\nContent-Disposition: form-data; name="f"; filename="C:\\x\\t.txt"\r\n'
    b"Content-Type: text/x\r\n\r\nhello\r\n"
)
_BODIES = [
    b"",
    b"junk",
    b"--B--\r\n",
    _FIELD + b"--B--\r\n",
    _FIELD + b"--B--",
    _FIELD + b"--B--\r\nepilogue",
    _FIELD + _FILE + b"--B--\r\n",
    _FIELD,
    b'--B\r\nContent-Disposition: form-data; filename="x"\r\n\r\n1\r\n--B--\r\n',
    b"--B\r\n\r\n1\r\n--B--\r\n",
]
_MULTIPART = "multipart/form-data; boundary=B"
_URLENCODED = "application/x-www-form-urlencoded"
_LIMITS = ["max_fields=0", "max_files=0", "max_part_size=2048", "max_fields=float('inf')"]
FORMS = [
    *(f"form({_MULTIPART!r}, {body!r})" for body in _BODIES),
    *(f"form({_MULTIPART!r}, *map(str.encode, {body.decode()!r}))" for body in _BODIES),
    *(f"form({_MULTIPART!r}, {_FIELD + _FILE + b'--B--'!r}, {limit})" for limit in _LIMITS),
    *(f"form({_URLENCODED!r}, {query.encode()!r})" for query in ("", *_QUERIES.split())),
    *(f"form({_URLENCODED!r}, b'a=1&b=' + b'x' * 3000, {limit})" for limit in _LIMITS),
    "form('multipart/form-data', b'x')",
    "form('text/plain', b'a=1')",
    f"form({_URLENCODED!r}, '\u20ac=1'.encode())",
]

_UNFINISHED = "MultiPartException: Invalid multipart data.", "it ends inside of a part"
_ASCII_DIGITS = (
    "(400, [(b'content-length', b'37'), (b'content-type', b'text/plain; charset=utf-8')], "
    "[(b'Range header: range must be requested', False)])",
    "only ASCII digits are numbers (RFC 9110, section 14.1.1)",
)

DIFFERENT = {
    "'\u20ac' in Headers()": ("False", "what can be no name is absent"),
    "cookie('a', 'b', path='/;x')": (
        "ValueError: Cookie Path '/;x' must not contain ';' or control characters.",
        "it would bring attributes of its own",
    ),
    "call(Response('x', headers={'a': 'b\\r\\nc: d'}))": (
        "ValueError: Header 'a': 'b\\r\\nc: d' must not contain CR, LF or NUL.",
        "it would bring a header of its own",
    ),
    "call(Response('x', 204))": ("(204, [], [(b'', False)])", "204 has no content"),
    "ranges('bytes=+1-2')": _ASCII_DIGITS,
    "ranges('bytes=1_0-')": _ASCII_DIGITS,
    f"form({_MULTIPART!r}, {_FIELD!r})": _UNFINISHED,
    f"form({_MULTIPART!r}, *map(str.encode, {_FIELD.decode()!r}))": _UNFINISHED,
    f"form({_URLENCODED!r}, '\u20ac=1'.encode())": ("[('\u20ac', '1')]", "raw UTF-8 is UTF-8"),
}
"""What ours comes to where it is not what upstream's does, and why."""

SUBJECTS = {
    "urls": URLS,
    "query params": QUERY_PARAMS,
    "multi dicts": MULTI_DICTS,
    "headers": HEADERS,
    "cookies": COOKIES,
    "responses": RESPONSES,
    "file responses": FILE_RESPONSES,
    "static files": STATIC_FILES,
    "forms": FORMS,
}


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory, evaluate: Evaluate) -> Outcomes:
    """What every expression comes to, in ours and in upstream's."""
    folder = tmp_path_factory.mktemp("files")
    for name, content in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
        os.utime(folder / name, (A_TIME, A_TIME))
    return evaluate([expression for table in SUBJECTS.values() for expression in table], folder)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_what_is_not_listed_as_different_is_the_same(subject: str, outcomes: Outcomes) -> None:
    compared = [expression for expression in SUBJECTS[subject] if expression not in DIFFERENT]
    ours = {expression: outcomes[expression][0] for expression in compared}
    assert ours == {expression: outcomes[expression][1] for expression in compared}


@pytest.mark.parametrize("expression", DIFFERENT)
def test_what_is_listed_as_different_is_so(expression: str, outcomes: Outcomes) -> None:
    ours, upstream = outcomes[expression]
    assert ours == DIFFERENT[expression][0]
    assert ours != upstream
