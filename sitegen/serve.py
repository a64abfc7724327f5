"""`build.py --serve`: a local server that rebuilds when a source changes and tells open pages to reload."""

from __future__ import annotations

import functools
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

from sitegen.project import Project
from sitegen.site import BuildOptions

if TYPE_CHECKING:
    from watchfiles.main import FileChange

_RELOAD_SCRIPT = b"""(function(){var seen;setInterval(function(){fetch("/__builds",{cache:"no-store"}).then(function(r){return r.text()})
.then(function(n){if(seen!==undefined&&n!==seen)location.reload();seen=n}).catch(function(){})},400)})();
"""
_RELOAD_TAG = b'<script src="/__reload.js" defer></script></body>'
_WATCHED = ("content", "charts", "templates", "static", "sitegen", "artefacts", "build.py", "problems.py", "worker_processes.py")
_PATIENCE_MS = 200  # how long a change is waited for before it is said that there is none


class Builds:
    """How many builds have succeeded; pages reload when the number changes."""

    def __init__(self) -> None:
        self.count = 0


class SiteHandler(SimpleHTTPRequestHandler):
    """Serves the site, with a script in each page that asks for the number of builds."""

    def __init__(self, *args: object, builds: Builds, **named: object):
        self.builds = builds
        super().__init__(*args, **named)

    def do_GET(self) -> None:
        """A file of the site, or the news that it was built again."""
        if self.path == "/__builds":
            self._answer(str(self.builds.count).encode("ascii"), "text/plain")
        elif self.path == "/__reload.js":
            self._answer(_RELOAD_SCRIPT, "text/javascript")
        else:
            page = Path(self.translate_path(self.path))
            page = page / "index.html" if page.is_dir() and self.path.split("?")[0].endswith("/") else page
            if page.suffix == ".html" and page.is_file():
                self._answer(page.read_bytes().replace(b"</body>", _RELOAD_TAG), "text/html; charset=utf-8")
            else:
                super().do_GET()

    def _answer(self, content: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: object) -> None:
        """Nothing: requests are of no interest to an author."""
        pass  # the build's own lines are what the author wants to see


def serve(project: Project, options: BuildOptions, port: int) -> int:
    """Build, serve on 127.0.0.1 and rebuild at every change, until interrupted. A failed build leaves the last good site."""
    builds = Builds()
    handler = functools.partial(SiteHandler, directory=str(options.out.resolve()), builds=builds)
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError as error:
        print(f"port {port}: {error.strerror}\n    Choose another: python build.py --serve {port + 1}", file=sys.stderr)
        return 1
    changes = _changes(project)
    try:
        next(changes)  # from here on they are watched: what changes while the first build runs comes after it
        _rebuild(project, options, builds)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(f"http://127.0.0.1:{server.server_port}/ (Ctrl-C ends it)", flush=True)
        for changed in changes:
            if changed:
                _rebuild(project, options, builds)
    except KeyboardInterrupt:
        pass  # the server's thread ends with the process
    return 0


def _changes(project: Project) -> Iterator[set[FileChange]]:
    """What has changed in the sources since the last set was taken; an empty set where nothing has, several times a second."""
    from watchfiles import watch

    watched = [project.folder / name for name in _WATCHED if (project.folder / name).exists()]
    return watch(*watched, debounce=100, step=20, rust_timeout=_PATIENCE_MS, yield_on_timeout=True)


def _rebuild(project: Project, options: BuildOptions, builds: Builds) -> None:
    """Run the build in a fresh process, so that changed Python code counts too."""
    command = [sys.executable, str(Path(__file__).parent.parent / "build.py"), "--out", str(options.out), "--set", options.set_name]
    command += ["--jobs", str(options.jobs), "--project", str(project.folder)]
    command += ["--base-url", options.base_url] if options.base_url else []
    command += ["--repository", options.repository] if options.repository else []
    command += [part for notice in options.notices for part in ("--notice", notice)]
    with subprocess.Popen(command) as build:  # not killed when this is interrupted: it is interrupted, too, and cleans up
        if build.wait() == 0:
            builds.count += 1
