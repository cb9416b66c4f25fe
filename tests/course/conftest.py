"""The built site, served from a subfolder as a plain file server would, and a browser to open it.

Everything is made once for a session: the build, the server, the browser.
"""

import functools
import http.server
import os
import shutil
import subprocess
import sys
import threading

import pytest
from playwright.sync_api import sync_playwright

from tests.course.pages import ROOT

SUBFOLDER = "somewhere/mlops"
"""Where the site is served: not at the top, since it must not care."""
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """Build the site as `make site` does, and return its folder.

    COURSE_SITE names a folder with a site that was built already, to be tested instead.
    """
    if os.environ.get("COURSE_SITE"):
        target = tmp_path_factory.mktemp("served") / SUBFOLDER
        return shutil.copytree(os.environ["COURSE_SITE"], target)
    target = tmp_path_factory.mktemp("served") / SUBFOLDER
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(target)]
    quiet = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}  # the theme's notice about its successor
    done = subprocess.run(command, cwd=ROOT, env=quiet, capture_output=True, text=True, check=False)
    if done.returncode != 0 or "WARNING" in done.stderr:
        pytest.fail(f"the site does not build:\n{done.stderr[-3000:]}", pytrace=False)
    for script in ("search_index", "downloads"):
        command = [sys.executable, f"scripts/{script}.py", str(target)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-4000:]
    return target


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A file server that keeps its log to itself."""

    def log_message(self, *_):
        pass


@pytest.fixture(scope="session")
def served(site):
    """Serve the site, and return its address, with a slash at its end."""
    top = site.parents[len(SUBFOLDER.split("/")) - 1]
    handler = functools.partial(Quiet, directory=str(top))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/{SUBFOLDER}/"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="session")
def chromium(browser):
    """Start one browser for all tests; `browser` skips where there is none."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=browser, args=FLAGS)
        yield started
        started.close()
