"""The text of the debug page. `errors` has these names too, and that is where to replace them.

A placeholder that a replacement does not use is no error, nor is one that nobody fills.
"""

__all__ = [
    "CENTER_LINE",
    "FRAME_TEMPLATE",
    "JS",
    "LINE",
    "REQUEST_PLACE",
    "STYLES",
    "TEMPLATE",
]

# What is known of the request goes here, if the page has such a place. All text on the page is
# escaped, so that no exception can contain it.
REQUEST_PLACE = "<!-- the request -->"

STYLES = """
:root {
    color-scheme: light dark;
    --text: #1c1f24; --page: #fafafa; --box: #ffffff; --edge: #d4d8de; --dim: #626b78;
    --mark: #fff1c2; --accent: #b3261e; --name: #0b57a4;
}
@media (prefers-color-scheme: dark) {
    :root {
        --text: #e3e6ea; --page: #14171b; --box: #1c2026; --edge: #363d47; --dim: #98a2b0;
        --mark: #4a3d12; --accent: #ff8a80; --name: #8ab8f0;
    }
}
* { box-sizing: border-box; }
body {
    margin: 0 auto; max-width: 72rem; padding: 1rem;
    background: var(--page); color: var(--text);
    font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere;
}
h1 { margin: 0; font-size: 1rem; color: var(--accent); }
h2 { margin: 0 0 1rem; font-size: 1.35rem; white-space: pre-wrap; }
h3 { margin: 1.5rem 0 0.5rem; font-size: 1rem; white-space: pre-wrap; }
.note { margin: 0.5rem 0; color: var(--dim); }
.note:has(+ h3) { margin-top: 1.5rem; }
.note + h3 { margin-top: 0; }
.traceback-container, .request {
    margin-bottom: 1rem; padding: 0 1rem 1rem;
    background: var(--box); border: 1px solid var(--edge); border-radius: 0.5rem;
}
.title {
    display: flex; align-items: center; justify-content: space-between;
    margin: 0.75rem 0; font-weight: 600;
}
button {
    padding: 0.15rem 0.75rem; font: inherit; font-weight: 400; cursor: pointer;
    color: inherit; background: var(--page);
    border: 1px solid var(--edge); border-radius: 0.35rem;
}
details.frame { border-top: 1px solid var(--edge); }
summary { padding: 0.4rem 0; cursor: pointer; }
.frame-filename, .center-line .lineno { color: var(--accent); }
.frame-name { font-weight: 600; }
pre, code, td { font: 0.85rem/1.55 ui-monospace, Menlo, Consolas, monospace; }
.source { margin: 0 0 0.5rem; overflow-x: auto; border-radius: 0.35rem; background: var(--page); }
.frame-line { display: block; min-width: max-content; padding: 0 0.75rem; white-space: pre; }
.center-line { background: var(--mark); }
.lineno {
    display: inline-block; width: 3.5em; padding-right: 1em;
    text-align: right; color: var(--dim); user-select: none;
}
.locals { margin-bottom: 0.75rem; }
table { width: 100%; border-collapse: collapse; }
td { padding: 0.2rem 0.5rem 0.2rem 0; vertical-align: top; border-top: 1px solid var(--edge); }
td:first-child { width: 12rem; color: var(--name); }
@media (max-width: 40rem) {
    body { padding: 0.5rem; }
    .traceback-container, .request { padding: 0 0.5rem 0.5rem; }
    td { display: block; border: 0; padding: 0 0 0.3rem; }
    td:first-child { width: auto; border-top: 1px solid var(--edge); }
    .lineno { width: 2.5em; padding-right: 0.75em; }
}
"""

JS = """
<script>
    document.getElementById("toggle").addEventListener("click", function () {
        var frames = document.querySelectorAll("details.frame");
        var open = document.querySelector("details.frame:not([open])") !== null;
        frames.forEach(function (frame) { frame.open = open; });
        this.textContent = open ? "Close all" : "Open all";
    });
</script>
"""

TEMPLATE = (
    """<!DOCTYPE html>
<html lang="en">
<head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Starlette Debugger</title>
    <style>{styles}</style>
</head>
<body>
    <h1>500 Server Error</h1>
    <h2>{error}</h2>
    <div class="traceback-container">
        <p class="title">Traceback <button id="toggle" type="button">Open all</button></p>
        {exc_html}
    </div>
    """
    + REQUEST_PLACE
    + """
    {js}
</body>
</html>
"""
)

FRAME_TEMPLATE = """
<details class="frame"{open}>
    <summary>File <span class="frame-filename">{frame_filename}</span>, line {frame_lineno},
        in <span class="frame-name">{frame_name}</span></summary>
    <pre class="source">{code_context}</pre>
    {frame_locals}
</details>
"""

LINE = """<span class="frame-line"><span class="lineno">{lineno}</span>{line}</span>"""

CENTER_LINE = (
    """<span class="frame-line center-line"><span class="lineno">{lineno}</span>{line}</span>"""
)
