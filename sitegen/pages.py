"""The values that templates get: one function or small class a kind of page. Templates compute nothing beyond showing them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined

from artefacts.registry import ARTEFACTS
from sitegen.assets import Assets
from sitegen.claim_places import ClaimPlace, one_a_section
from sitegen.claims import CheckedClaim
from sitegen.figure_files import csv_text
from sitegen.ledger_picture import ledger_picture, view_box
from sitegen.lesson_files import LessonFile
from sitegen.lesson_rendering import VERDICT_CLASSES
from sitegen.project import Project, SiteFacts
from sitegen.published_addresses import Redirects
from sitegen.references import Reference
from sitegen.site_data import SetData
from sitegen.typesetting import typeset


def template_environment(project: Project) -> Environment:
    """Jinja for the site's own templates: HTML escaped, a misspelt name stops the build."""
    compiled = project.cache.with_name("templates")
    try:
        compiled.mkdir(parents=True, exist_ok=True)
        bytecode = FileSystemBytecodeCache(str(compiled))
    except OSError:
        bytecode = None  # a read-only checkout builds without a cache
    environment = Environment(
        loader=FileSystemLoader(project.templates.resolve()),  # compiled templates are kept by their true path
        bytecode_cache=bytecode,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters["typeset"] = typeset
    return environment


@dataclass(frozen=True)
class SetPlace:
    """A set and where its pages lie: the default at the root, another under sets/<name>/."""

    name: str
    title: str
    note: str
    is_default: bool
    explorers: tuple[str, ...] = ()  # slugs of those that the set has the data for

    @property
    def folder(self) -> str:
        """Where the set lies below the root of the site: empty for the default."""
        return "" if self.is_default else f"sets/{self.name}/"

    def has_page(self, path: str) -> bool:
        """Whether the set has the page of a folder: explorers depend on the set's data, and the page for reading offline is the site's."""
        if path == "offline/":
            return self.is_default
        if not path.startswith("explore/"):
            return True
        slug = path.removeprefix("explore/").rstrip("/")
        return slug in self.explorers if slug else bool(self.explorers)


@dataclass(frozen=True)
class LinkPicture:
    """What stands beside a link to a page where somebody shares it. path: in the site. alt: in words."""

    path: str
    alt: str


NAVIGATION = [
    ("Lessons", "", "home"),
    ("Explore", "explore/", "explore"),
    ("Claims", "claims/", "claims"),
    ("Models", "models/", "models"),
    ("Glossary", "glossary/", "glossary"),
]


class Frame:
    """The values common to all pages: site, page, navigation, sets."""

    def __init__(self, facts: SiteFacts, assets: Assets, sets: list[SetPlace], base_url: str | None, redirects: Redirects):
        self.facts = facts
        self.assets = assets
        self.sets = sets
        self.base_url = base_url
        self.redirects = redirects

    def values(
        self,
        place: SetPlace,
        path: str,
        kind: str,
        title: str,
        description: str,
        role_names: dict[str, str],
        edition: str,
        picture: LinkPicture | None = None,
    ) -> dict[str, Any]:
        """path: the page's folder below the set's, such as "lessons/x/"; "" for the first page. edition: of the set."""
        url_path = place.folder + path
        site_root = "../" * url_path.count("/") or "./"
        root = "../" * path.count("/") or "./"
        if kind == "notfound" and self.base_url:
            site_root = root = urlsplit(self.base_url).path or "/"  # this page is shown under any address of the host
        url = {name: site_root + path for name, path in self.assets.url.items()}
        default = next(s for s in self.sets if s.is_default)
        home = default if default.has_page(path) else place  # of the page: the default set may lack an explorer
        canonical = None if place == home and not self.base_url else (self.base_url or site_root) + home.folder + path
        canonical = None if kind == "notfound" else canonical
        return {
            "site": {
                "title": self.facts.title,
                "tagline": self.facts.tagline,
                "year": self.facts.year,
                "edition": edition,
                "repository": self.facts.repository,
                "css_url": url["site.css"],
                "pages_css_url": url["pages.css"],
                "explore_css_url": url.get("explore.css"),
                "js_url": url["site.js"],
                "theme_js_url": url["theme.js"],
                "vega_url": url["vega-runtime.js"],
                "favicon_url": url["favicon.svg"],
                "old_favicon_url": url["favicon.ico"],
                "touch_icon_url": url["apple-touch-icon.png"],
                "feed_url": f"{site_root}feed.xml" if self.base_url else None,
                "manifest_url": f"{site_root}manifest.webmanifest",
                "service_worker_url": f"{site_root}service-worker.js" if self.facts.offline and kind != "notfound" else None,
                "offline_href": f"{site_root}offline/" if self.facts.offline else None,
                "base_url": self.base_url,
            },
            "page": {
                "title": title,
                "description": description,
                "kind": kind,
                "root": root,
                "site_root": site_root,
                "home_href": root,
                "models_href": f"{root}models/",
                "canonical": canonical,
                "url_path": url_path,
                "picture": picture and {"url": f"{self.base_url}{picture.path}", "alt": picture.alt},
                "moved": [
                    {"id": anchor, "href": root + target}
                    for anchor, target in self.redirects.of_page(path).items()
                    if place.has_page(target.partition("#")[0])
                ],
            },
            "current_set": {"name": place.name, "title": place.title, "note": place.note, "is_default": place.is_default},
            "set_links": [
                {"name": s.name, "title": s.title, "href": site_root + s.folder + path, "current": s == place}
                for s in self.sets
                if s.has_page(path)
            ],
            "nav": [
                {"title": shown, "href": root + href, "current": ("page" if path == href else "true") if kind == of else None}
                for shown, href, of in NAVIGATION
                if place.has_page(href)
            ],
            "role_names": role_names,
        }


# --- the claims page ---------------------------------------------------------------------------------------------------

ClaimValues = dict[str, Any]


def claim_values(
    claims: dict[str, CheckedClaim],
    all_sets: list[tuple[SetPlace, dict[str, CheckedClaim]]],
    references: dict[str, Reference],
    lessons: dict[str, LessonFile],
    places: dict[str, list[ClaimPlace]],
) -> list[ClaimValues]:
    """Every claim as the ledger shows it. One that names an unknown lesson or source is left out; its problem has been recorded.

    places: slug of each lesson -> where it cites claims.
    """
    cited: dict[str, list[dict[str, str]]] = {}
    for slug, of_lesson in places.items():
        for claim_id in dict.fromkeys(place.claim for place in of_lesson):
            for place in one_a_section(place for place in of_lesson if place.claim == claim_id):
                href = f"../lessons/{slug}/#{place.anchor}"
                words = {"lesson": slug, "lesson_title": lessons[slug].front.title, "section": place.section}
                cited.setdefault(claim_id, []).append({"href": href, **words})
    return [
        {
            **checked.claim.model_dump(),
            "verdict": checked.result.verdict,
            "value": checked.result.value,
            "reason": checked.result.reason,
            "analogue": checked.result.analogue,
            "source_key": checked.claim.source,
            "source_label": references[checked.claim.source].label,
            "source_html": f'<a class="cite" href="../references/#{checked.claim.source}">{references[checked.claim.source].label}</a>',
            "lesson_href": f"../lessons/{checked.claim.lesson}/",
            "lesson_title": lessons[checked.claim.lesson].front.title,
            "lesson_number": lessons[checked.claim.lesson].number,
            "cited": cited.get(claim_id, []),
            "by_set": [
                {
                    "set": place.name,
                    "title": place.title,
                    "verdict": of_set[claim_id].result.verdict,
                    "value": of_set[claim_id].result.value,
                }
                for place, of_set in all_sets
                if claim_id in of_set and of_set[claim_id].result is not None
            ],
        }
        for claim_id, checked in claims.items()
        if checked.result is not None and checked.claim.source in references and checked.claim.lesson in lessons
    ]


def ledger_parts(values: list[ClaimValues]) -> list[dict[str, Any]]:
    """The claims by lesson, in the order of the lessons."""
    parts: dict[str, dict[str, Any]] = {}
    for value in values:
        heading = {"slug": value["lesson"], "number": value["lesson_number"], "title": value["lesson_title"], "href": value["lesson_href"]}
        part = parts.setdefault(value["lesson"], {**heading, "claims": []})
        part["claims"].append(value)
    return list(parts.values())


def ledger_filters(values: list[ClaimValues]) -> dict[str, list[dict[str, Any]]]:
    """What the ledger can be filtered by: verdicts, sources and lessons, each with the number of its claims."""
    verdicts = Counter(value["verdict"] for value in values)
    sources = Counter((value["source_label"], value["source_key"]) for value in values)
    lessons = Counter((value["lesson_title"], value["lesson"]) for value in values)
    return {
        "verdict": [{"value": of, "shown": words, "claims": verdicts[words]} for words, of in VERDICT_CLASSES.items()],
        "source": [{"value": key, "shown": label, "claims": claims} for (label, key), claims in sorted(sources.items())],
        "lesson": [{"value": slug, "shown": title, "claims": claims} for (title, slug), claims in lessons.items()],
    }


def claims_csv(values: list[ClaimValues]) -> str:
    """The ledger as CSV."""
    columns = "id lesson source where quote statement published about verdict value reason analogue note".split()
    return csv_text(columns, [[{**value, "about": "; ".join(value["about"])}[column] for column in columns] for value in values])


def source_values(claims: dict[str, CheckedClaim], references: dict[str, Reference]) -> list[dict[str, Any]]:
    """The ledger in small: each source with its verdicts counted and drawn, in the order in which the lessons come to them."""
    by_source: dict[str, dict[str, CheckedClaim]] = {}
    for claim_id, checked in claims.items():
        by_source.setdefault(checked.claim.source, {})[claim_id] = checked
    tallies = {key: verdict_tally(of_source) for key, of_source in by_source.items() if key in references}
    pictures = {key: ledger_picture(tally) for key, tally in tallies.items()}
    columns = max((picture.columns for picture in pictures.values()), default=1)  # of all, so that their marks are of one size
    return [
        {
            "key": key,
            "label": references[key].label,
            "title": references[key].title,
            "claims": sum(tally.values()),
            "verdicts": tally,
            "paths": pictures[key].paths,
            "size": view_box(columns, pictures[key].rows),
        }
        for key, tally in tallies.items()
    ]


def verdict_tally(claims: dict[str, CheckedClaim]) -> dict[str, int]:
    """Verdict class -> number of claims."""
    tally = dict.fromkeys(VERDICT_CLASSES.values(), 0)
    for checked in claims.values():
        if checked.result is not None:
            tally[VERDICT_CLASSES[checked.result.verdict]] += 1
    return tally


# --- the models page ---------------------------------------------------------------------------------------------------


def size_text(size_bytes: int) -> str:
    """Bytes for people: 92871040 -> "92.9 MB"."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("KB", 1e3)):
        if size_bytes >= factor:
            return f"{size_bytes / factor:.1f} {unit}"
    return f"{size_bytes} bytes"


def model_values(facts: Any) -> list[dict[str, Any]]:
    """What the models page shows of each model. facts: the artefact `model_facts`."""
    return [fact.model_dump() | {"size_text": size_text(fact.file_bytes)} for fact in facts.models]


def data_file_values(data: SetData, files: dict[str, int], href: Callable[[str], str], what: Callable[[str], str]) -> list[dict[str, Any]]:
    """The set's data files for the models page, shards counted with their index. files: path below the set's folder -> bytes."""
    sizes_of_shards: dict[str, list[int]] = {}
    for path, size in files.items():
        folder, slash, _ = path.partition("/")
        if slash:
            sizes_of_shards.setdefault(folder, []).append(size)
    values = []
    for name in data:
        shards = sizes_of_shards.get(name, [])
        note = f", in {len(shards):,} shards" if shards else ""
        size = files[f"{name}.json"] + sum(shards)
        values.append({"name": f"{name}.json", "href": href(f"{name}.json"), "bytes": size, "what": what(name) + note})
    return values


def what_artefact_holds(name: str) -> str:
    """The first sentence of an artefact's schema: what the file holds."""
    text = (ARTEFACTS[name].__doc__ or "").strip().split("\n\n")[0].replace("\n", " ")
    own = text and not text.startswith(("Usage docs", "!!! abstract"))
    return " ".join(text.split()).rstrip(".") if own else name.replace("_", " ")


REBUILD_FILE = "content/pages/rebuild.md"
