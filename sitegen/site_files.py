"""What machines read of the whole site: manifest, sitemap, feed, robots.txt. All but the manifest need the site's address."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

from charts.palette import light
from sitegen.assets import Assets
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
    day = f"<lastmod>{changed.isoformat()}</lastmod>" if changed else ""
    return f"<url><loc>{escape(base_url + path)}</loc>{day}</url>\n"


def feed(base_url: str, facts: SiteFacts, lessons: list[LessonFile]) -> bytes:
    """The lessons as an Atom feed (RFC 4287), the one that changed last first. A lesson's id is its address, which stays."""
    newest_first = sorted(lessons, key=lambda lesson: (lesson.front.updated, lesson.front.date, lesson.number), reverse=True)
    updated = _moment(newest_first[0].front.updated) if newest_first else f"{facts.year}-01-01T00:00:00Z"
    head = (
        f'{_XML}<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{facts.language}">\n'
        f"<id>{escape(base_url)}</id>\n<title>{escape(facts.title)}</title>\n<subtitle>{escape(facts.tagline)}</subtitle>\n"
        f"<updated>{updated}</updated>\n<author><name>{escape(facts.author)}</name></author>\n"
        f'<link rel="alternate" type="text/html" href={quoteattr(base_url)}/>\n'
        f'<link rel="self" type="application/atom+xml" href={quoteattr(base_url + FEED)}/>\n'
    )
    return f"{head}{''.join(_entry(base_url, lesson) for lesson in newest_first)}</feed>\n".encode()


def _entry(base_url: str, lesson: LessonFile) -> str:
    address, front = f"{base_url}lessons/{lesson.slug}/", lesson.front
    return (
        f"<entry>\n<id>{escape(address)}</id>\n<title>{escape(front.title)}</title>\n"
        f'<link rel="alternate" type="text/html" href={quoteattr(address)}/>\n'
        f"<published>{_moment(front.date)}</published>\n<updated>{_moment(front.updated)}</updated>\n"
        f"<summary>{escape(front.summary)}</summary>\n</entry>\n"
    )


def _moment(day: datetime.date) -> str:
    return f"{day.isoformat()}T00:00:00Z"


def robots(base_url: str) -> bytes:
    """Everybody may read everything. Programs ask for it at the root of a host only; elsewhere it does no harm."""
    return f"User-agent: *\nAllow: /\n\nSitemap: {base_url}{SITEMAP}\n".encode()
