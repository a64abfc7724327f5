"""What machines read of the whole site: manifest, sitemap, feed, robots.txt. All but the manifest need the site's address."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable
from typing import NamedTuple

from charts.palette import light
from sitegen.assets import Assets
from sitegen.errata import Erratum
from sitegen.lesson_files import LessonFile
from sitegen.project import SiteFacts

MANIFEST, SITEMAP, FEED, ROBOTS = "manifest.webmanifest", "sitemap.xml", "feed.xml", "robots.txt"
ICONS = (
    ("favicon.svg", "any", "image/svg+xml", "any"),
    ("icon-192.png", "192x192", "image/png", "any"),
    ("icon-512.png", "512x512", "image/png", "any"),
    ("icon-maskable-512.png", "512x512", "image/png", "maskable"),
)
"""File, sizes, type and purpose. scripts/draw_icons.py makes the others from the first."""
_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'


def manifest(facts: SiteFacts, assets: Assets) -> bytes:
    """How a device shows the site among its apps."""
    icons = [{"src": assets.url[file], "sizes": sizes, "type": kind, "purpose": purpose} for file, sizes, kind, purpose in ICONS]
    about = {
        "name": facts.title,
        "short_name": facts.title,
        "description": facts.tagline,
        "lang": facts.language,
        "id": "./",
        "start_url": "./",
        "scope": "./",
        "display": "minimal-ui",
        "background_color": light("paper"),
        "theme_color": light("paper"),
        "icons": icons,
    }
    return (json.dumps(about, indent=1) + "\n").encode()


def sitemap(base_url: str, pages: Iterable[str], lessons: list[LessonFile]) -> bytes:
    """Every page that is canonical and worth finding: those of the default set, figures' own pages aside.

    pages: paths of index.html files. The day of a change is said where it is known: a lesson's own, and for the first page the latest.
    """
    changed = {f"lessons/{lesson.slug}/": lesson.front.updated for lesson in lessons}
    if lessons:
        changed[""] = max(changed.values())
    listed = sorted(path.removesuffix("index.html") for path in pages)
    urls = [_location(base_url, path, changed.get(path)) for path in listed if "/figures/" not in path and not path.startswith("sets/")]
    return f'{_XML}<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{"".join(urls)}</urlset>\n'.encode()


def _location(base_url: str, path: str, changed: datetime.date | None) -> str:
    from xml.sax.saxutils import escape  # in functions, because it loads half of Python's net, and most builds know no address

    day = f"<lastmod>{changed.isoformat()}</lastmod>" if changed else ""
    return f"<url><loc>{escape(base_url + path)}</loc>{day}</url>\n"


def feed(base_url: str, facts: SiteFacts, lessons: list[LessonFile], errata: list[Erratum]) -> bytes:
    """Lessons and corrections as an Atom feed (RFC 4287), what changed last first. The id of each is its address, which stays.

    errata: the oldest first.
    """
    from xml.sax.saxutils import escape, quoteattr

    entries = [_entry(base_url, lesson) for lesson in sorted(lessons, key=lambda lesson: (lesson.front.date, lesson.number))]
    titles = {f"lessons/{lesson.slug}/": f"“{lesson.front.title}”" for lesson in lessons}
    entries += [_correction(base_url, number, erratum, titles) for number, erratum in enumerate(errata, start=1)]
    newest_first = sorted(entries, key=lambda entry: entry.updated)[::-1]
    updated = _moment(newest_first[0].updated) if newest_first else f"{facts.year}-01-01T00:00:00Z"
    head = (
        f'{_XML}<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{facts.language}">\n'
        f"<id>{escape(base_url)}</id>\n<title>{escape(facts.title)}</title>\n<subtitle>{escape(facts.tagline)}</subtitle>\n"
        f"<updated>{updated}</updated>\n<author><name>{escape(facts.author)}</name></author>\n"
        f'<link rel="alternate" type="text/html" href={quoteattr(base_url)}/>\n'
        f'<link rel="self" type="application/atom+xml" href={quoteattr(base_url + FEED)}/>\n'
    )
    return f"{head}{''.join(map(_entry_xml, newest_first))}</feed>\n".encode()


class _Entry(NamedTuple):
    """What a feed says of one thing. address: where it is, and its id."""

    address: str
    title: str
    published: datetime.date
    updated: datetime.date
    summary: str


def _entry(base_url: str, lesson: LessonFile) -> _Entry:
    front = lesson.front
    return _Entry(f"{base_url}lessons/{lesson.slug}/", front.title, front.date, front.updated, front.summary)


def _correction(base_url: str, number: int, erratum: Erratum, titles: dict[str, str]) -> _Entry:
    what = titles.get(erratum.page.partition("#")[0], erratum.page)
    said = f"Up to version {erratum.version} it said: {erratum.wrong} It says now: {erratum.right}"
    return _Entry(f"{base_url}errata/#erratum-{number}", f"Correction of {what}", erratum.date, erratum.date, said)


def _entry_xml(entry: _Entry) -> str:
    from xml.sax.saxutils import escape, quoteattr

    return (
        f"<entry>\n<id>{escape(entry.address)}</id>\n<title>{escape(entry.title)}</title>\n"
        f'<link rel="alternate" type="text/html" href={quoteattr(entry.address)}/>\n'
        f"<published>{_moment(entry.published)}</published>\n<updated>{_moment(entry.updated)}</updated>\n"
        f"<summary>{escape(entry.summary)}</summary>\n</entry>\n"
    )


def _moment(day: datetime.date) -> str:
    return f"{day.isoformat()}T00:00:00Z"


def robots(base_url: str) -> bytes:
    """Everybody may read everything. Programs ask for it at the root of a host only; elsewhere it does no harm."""
    return f"User-agent: *\nAllow: /\n\nSitemap: {base_url}{SITEMAP}\n".encode()
