"""Ask every address outside the site that its pages lead to whether it is still there.

    python build.py && python scripts/check_links.py            of the site in site/
    python scripts/check_links.py --site DIR --report FILE      of another; the report also as Markdown

Status 1 if any is gone: no such host, no such page. A host that lets no program in (401, 403, 429, 5xx, time-out) says nothing about
its page: such an address is listed for a person to look at, and fails nothing. Links inside the site are checked by every build.
"""

from __future__ import annotations

import argparse
import re
import socket
import ssl
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urldefrag, urlsplit

from selectolax.lexbor import LexborHTMLParser

AGENT = "Mozilla/5.0 (compatible; word-spaces-link-check)"
GONE = {400, 404, 405, 410, 451}
TRIES = 3
PAUSE = 2.0  # s, doubled at each try
TIME_OUT = 30  # s
HOSTS_AT_ONCE = 8
LISTED_PAGES = 3
LINK = "a[href], link[href]"


@dataclass(frozen=True)
class Finding:
    """What is known of an address. verdict: "there", "gone" or "unclear"."""

    address: str
    verdict: str
    why: str


def outside_links(site: Path) -> dict[str, list[str]]:
    """Address, without its part after '#' -> pages of the site that lead there. Links to the site's own address are left out."""
    found: dict[str, set[str]] = {}
    own = None
    for page in sorted(site.rglob("*.html")):
        tree = LexborHTMLParser(page.read_text(encoding="utf-8"))
        canonical = tree.css_first("link[rel=canonical]")
        own = own or (urlsplit(canonical.attributes["href"] or "").netloc if canonical else None)
        for node in tree.css(LINK):
            address = urldefrag(node.attributes["href"] or "").url
            if re.match(r"https?://", address) and urlsplit(address).netloc != own:
                found.setdefault(address, set()).add(page.relative_to(site).as_posix())
    return {address: sorted(pages) for address, pages in sorted(found.items())}


def ask(address: str, pause: float = PAUSE) -> Finding:
    """Ask for the beginning of what is there, more than once where the answer is no answer."""
    finding = Finding(address, "unclear", "not asked")
    for attempt in range(TRIES):
        if attempt:
            time.sleep(pause * 2 ** (attempt - 1))
        finding = _ask_once(address)
        if finding.verdict != "unclear":
            break
    return finding


def _ask_once(address: str) -> Finding:
    try:
        request = urllib.request.Request(address, headers={"User-Agent": AGENT, "Accept": "text/html,*/*", "Range": "bytes=0-1023"})
        with urllib.request.urlopen(request, timeout=TIME_OUT) as answer:
            return Finding(address, "there", str(answer.status))
    except urllib.error.HTTPError as error:
        return Finding(address, "gone" if error.code in GONE else "there" if error.code == 416 else "unclear", str(error.code))
    except ssl.SSLError as error:
        return Finding(address, "unclear", f"TLS: {error.reason}")
    except urllib.error.URLError as error:
        no_host = isinstance(error.reason, socket.gaierror) and error.reason.errno == socket.EAI_NONAME
        return Finding(address, "gone" if no_host else "unclear", str(error.reason))
    except (OSError, ValueError) as error:
        return Finding(address, "unclear", f"{type(error).__name__}: {error}")


def ask_all(addresses: Iterable[str], pause: float = PAUSE) -> list[Finding]:
    """Several hosts at once, the addresses of one host one after the other."""
    by_host: dict[str, list[str]] = {}
    for address in addresses:
        by_host.setdefault(urlsplit(address).netloc, []).append(address)
    with ThreadPoolExecutor(HOSTS_AT_ONCE) as threads:
        of_hosts = threads.map(lambda of_host: [ask(address, pause) for address in of_host], by_host.values())
        return sorted((finding for findings in of_hosts for finding in findings), key=lambda finding: finding.address)


def report(findings: list[Finding], pages: dict[str, list[str]]) -> str:
    """Markdown: what is gone, with the pages that lead there, then what a person should look at."""
    gone = [finding for finding in findings if finding.verdict == "gone"]
    unclear = [finding for finding in findings if finding.verdict == "unclear"]
    lines = ["# Links to other sites", "", f"{len(findings)} asked, {len(gone)} gone, {len(unclear)} that let no program in."]
    for title, listed in (("Gone", gone), ("To look at", unclear)):
        if listed:
            lines += ["", f"## {title}", ""]
            lines += [f"- <{finding.address}> ({finding.why}): {_pages(pages[finding.address])}" for finding in listed]
    return "\n".join(lines) + "\n"


def _pages(pages: list[str]) -> str:
    more = len(pages) - LISTED_PAGES
    return ", ".join(pages[:LISTED_PAGES]) + (f" and {more} more" if more > 0 else "")


def main(arguments: list[str] | None = None) -> int:
    """Check the site, print the report, and return the exit status."""
    parser = argparse.ArgumentParser(description="Check the links of the built site to other sites.")
    parser.add_argument("--site", type=Path, default=Path("site"), metavar="DIR", help="the built site (default: site)")
    parser.add_argument("--report", type=Path, metavar="FILE", help="append the report to this file, too")
    parser.add_argument("--pause", type=float, default=PAUSE, metavar="SECONDS", help=f"between two tries (default: {PAUSE:g})")
    options = parser.parse_args(arguments)
    if not (options.site / "index.html").is_file():
        print(f"{options.site}: holds no built site\n    Build it: python build.py", file=sys.stderr)
        return 2
    pages = outside_links(options.site)
    findings = ask_all(pages, options.pause)
    text = report(findings, pages)
    print(text)
    if options.report:
        with options.report.open("a", encoding="utf-8") as file:
            file.write(text)
    return int(any(finding.verdict == "gone" for finding in findings))


if __name__ == "__main__":
    sys.exit(main())
