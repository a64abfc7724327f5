"""The check of links to other sites, against a host that answers in every way there is."""

from __future__ import annotations

import socket
import threading
import urllib.error
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from scripts.check_links import ask_all, main, outside_links

ANSWERS = {
    "/there": [200],
    "/part": [206],
    "/gone": [404],
    "/closed": [403],
    "/busy": [503, 503, 200],
    "/down": [500, 500, 500],
    "/old": [410],
}


class Host(ThreadingHTTPServer):
    """Answers each path as `ANSWERS` says, one answer after the other."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: Counter[str] = Counter()
        self.url = f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Host

    def do_GET(self) -> None:
        answers = ANSWERS[self.path]
        status = answers[min(self.server.asked[self.path], len(answers) - 1)]
        self.server.asked[self.path] += 1
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def host() -> Iterator[Host]:
    with Host() as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield running
        running.shutdown()


def site(folder: Path, *links: str) -> Path:
    """A built site whose first page has these links."""
    folder.mkdir()
    text = "".join(f'<a href="{link}">x</a>' for link in links)
    (folder / "index.html").write_text(f'<link rel="canonical" href="https://own.example/">{text}', encoding="utf-8")
    return folder


def test_each_answer_counts_for_what_it_says(host: Host):
    """Gone is gone; who lets no program in says nothing; who is busy is asked again, but no more than three times."""
    found = {finding.address.removeprefix(host.url): finding.verdict for finding in ask_all([host.url + path for path in ANSWERS], pause=0)}
    assert found == {
        "/there": "there",
        "/part": "there",
        "/gone": "gone",
        "/closed": "unclear",
        "/busy": "there",
        "/down": "unclear",
        "/old": "gone",
    }
    assert host.asked == {"/there": 1, "/part": 1, "/gone": 1, "/closed": 3, "/busy": 3, "/down": 3, "/old": 1}


@pytest.mark.parametrize(("number", "verdict"), [(socket.EAI_NONAME, "gone"), (socket.EAI_AGAIN, "unclear")])
def test_a_name_that_no_host_has_is_gone(monkeypatch: pytest.MonkeyPatch, number: int, verdict: str):
    """Where names cannot be looked up at all, nothing is known."""

    def no_host(*args: object, **named: object) -> None:
        raise urllib.error.URLError(socket.gaierror(number, "no such name"))

    monkeypatch.setattr("urllib.request.urlopen", no_host)
    (finding,) = ask_all(["https://nobody.example/"], pause=0)
    assert finding.verdict == verdict


def test_a_host_that_refuses_may_be_back_tomorrow():
    (finding,) = ask_all(["http://127.0.0.1:9/"], pause=0)
    assert finding.verdict == "unclear"


def test_only_links_to_other_sites_are_asked_for_once_each(tmp_path: Path):
    links = ("https://a.example/x#one", "https://a.example/x#two", "../inside/", "mailto:x@y.example", "https://own.example/lessons/")
    assert outside_links(site(tmp_path / "site", *links)) == {"https://a.example/x": ["index.html"]}


def test_a_run_fails_where_a_page_is_gone_and_names_who_leads_there(host: Host, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    gone = site(tmp_path / "gone", f"{host.url}/there", f"{host.url}/gone")
    assert main(["--site", str(gone), "--pause", "0", "--report", str(tmp_path / "report.md")]) == 1
    assert f"- <{host.url}/gone> (404): index.html" in capsys.readouterr().out
    assert "2 asked, 1 gone, 0 that let no program in" in (tmp_path / "report.md").read_text(encoding="utf-8")
    fine = site(tmp_path / "fine", f"{host.url}/there", f"{host.url}/closed")
    assert main(["--site", str(fine), "--pause", "0"]) == 0
    assert "To look at" in capsys.readouterr().out
    assert main(["--site", str(tmp_path)]) == 2
