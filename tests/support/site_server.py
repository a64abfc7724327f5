"""Serve a built site as a static host does: gzip, under a sub-path, 404.html for what is not there."""

from __future__ import annotations

import gzip
import threading
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

SUB_PATH = "/word-spaces/"  # as on https://user.github.io/repository/
ADDRESS = f"https://user.github.io{SUB_PATH}"
GZIP_LEVEL = 6  # what hosts use; the budgets count these bytes

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".ipynb": "application/json",
    ".svg": "image/svg+xml",
    ".csv": "text/csv; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".py": "text/plain; charset=utf-8",
    ".xml": "application/xml",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
    ".png": "image/png",
    ".ico": "image/x-icon",
}
ALREADY_COMPRESSED = {".woff2", ".png"}


@lru_cache(maxsize=512)
def gzipped(path: Path) -> bytes:
    """A file as it travels. Whoever asks rebuilds into another folder rather than over this one."""
    content = path.read_bytes()
    return content if path.suffix in ALREADY_COMPRESSED else gzip.compress(content, GZIP_LEVEL, mtime=0)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # connections are kept open, as on a real host
    server: SiteServer

    def do_GET(self) -> None:
        if self.server.down:
            self.close_connection = True
            return
        path = unquote(urlsplit(self.path).path)
        foreign = self.server.foreign_pages.get(path)
        if foreign is not None:
            self._answer(200, TYPES[".html"], foreign.encode("utf-8"))
            return
        if not path.startswith(self.server.sub_path):
            self._answer(404, "text/plain", b"not part of the site")
            return
        file = self.server.folder / path.removeprefix(self.server.sub_path)
        if file.is_dir() and path.endswith("/"):
            file = file / "index.html"
        status = 200 if file.is_file() else 404
        file = file if status == 200 else self.server.folder / "404.html"
        packed = file.suffix not in ALREADY_COMPRESSED
        self._answer(status, TYPES.get(file.suffix, "application/octet-stream"), gzipped(file), packed)

    def _answer(self, status: int, kind: str, content: bytes, packed: bool = False) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "max-age=600")
        if packed:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        try:
            self.wfile.write(content)
        except ConnectionError:
            self.close_connection = True  # the browser went elsewhere

    def log_message(self, *args: object) -> None:
        pass


class SiteServer(ThreadingHTTPServer):
    """`with SiteServer(folder) as server:` then ask for `server.url + "lessons/..."`. Another `folder` later is a deployment."""

    daemon_threads = True

    def __init__(self, folder: Path, sub_path: str = SUB_PATH):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.folder = folder
        self.sub_path = sub_path
        self.down = False  # no answer to anything: as without a network
        self.foreign_pages: dict[str, str] = {}  # path on the same host -> HTML of somebody else's
        self.origin = f"http://127.0.0.1:{self.server_port}"
        self.url = self.origin + sub_path

    def __enter__(self) -> SiteServer:
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self.shutdown()
        self.server_close()
