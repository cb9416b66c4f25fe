"""Pages with one interactive figure each, in a folder that a test can serve.

They take the styles of the course and of its theme, so that widths and colours are the real ones.
"""

import contextlib
import functools
import http.server
import re
import threading
from pathlib import Path

import material

from tests.course.conftest import Quiet
from tests.course.pages import COURSE

FIGURES = COURSE / "assets" / "figures"
PLACED = re.compile(r'<div class="explorer" data-explorer="([^"]*)"></div>')
NAMES = ("value-threshold", "drift", "concept-drift", "canary", "maturity")
THEME = Path(material.__file__).parent / "templates" / "assets" / "stylesheets"
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{name}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
{styles}
</head><body dir="ltr" data-md-color-scheme="{scheme}" data-md-color-primary="custom">
<main><article class="md-typeset"><h1>{name}</h1>
<div class="explorer" data-explorer="{name}"></div></article></main>
<script src="../assets/figures/explorers.js"></script></body></html>
"""


def lay_out(folder):
    """Write pages light/NAME.html and dark/NAME.html, and what they need."""
    (folder / "assets").symlink_to(COURSE / "assets")
    (folder / "theme").symlink_to(THEME)
    sheets = [f"theme/{path.name}" for path in sorted(THEME.glob("*.min.css"))]
    sheets += ["assets/course.css", "assets/figures/figures.css"]
    styles = "\n".join(f'<link rel="stylesheet" href="../{sheet}">' for sheet in sheets)
    for word, scheme in (("light", "default"), ("dark", "slate")):
        (folder / word).mkdir()
        for name in (*NAMES, "unheard-of"):
            text = PAGE.format(name=name, scheme=scheme, styles=styles)
            (folder / word / f"{name}.html").write_text(text, encoding="utf-8")
    return folder


@contextlib.contextmanager
def serving(folder):
    """Serve the folder, and give its address."""
    handler = functools.partial(Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
