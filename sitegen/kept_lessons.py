"""Finished lessons, the pages of their figures and for teachers, and the explorers, kept from build to build: one none of whose inputs
changed is not rendered again.

A key is made in two steps, as for figures: everything but the figures gives a first key, under which stand the names of the
figures that the lesson places; with the keys of these it becomes the second, under which stand the lesson's files.
"""

from __future__ import annotations

import functools
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sitegen.build_cache import BuildCache
from sitegen.claim_places import ClaimPlace
from sitegen.claims import CheckedClaim
from sitegen.code_digest import code_digest
from sitegen.figures import DrawnFigure, FigureShop
from sitegen.lesson_files import LessonFile
from sitegen.link_check import PageLinks
from sitegen.pages import LinkPicture, SetPlace
from sitegen.project import Project, digest
from sitegen.search_texts import SearchText
from sitegen.site_data import SetData

if TYPE_CHECKING:
    from sitegen.set_pages import Common
    from sitegen.teaching import Sheet


@dataclass
class MadePages:
    """A part of the site. files: path -> content; copies: path -> project file published as it is; page_sources: page -> what to mend.

    statuses: of those copies whose sources were looked at already.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    copies: dict[str, Path | str] = field(default_factory=dict)
    page_sources: dict[str, str] = field(default_factory=dict)
    links: dict[str, PageLinks] = field(default_factory=dict)  # of those pages that were looked through already
    statuses: dict[str, os.stat_result] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)  # of those files whose digest is known

    def add_page(self, path: str, html: str, source: str) -> None:
        """A page under its address, ending in a slash. source: the file to mend if a link in it is wrong."""
        self.files[path + "index.html"] = html.encode("utf-8")
        self.page_sources[path + "index.html"] = source

    def sizes(self) -> dict[str, int]:
        """Path in the site -> bytes."""
        return {path: len(content) for path, content in self.files.items()} | {path: self.status_of(path).st_size for path in self.copies}

    def status_of(self, path: str) -> os.stat_result:
        """Of the source of a copy, looked at once."""
        if path not in self.statuses:
            self.statuses[path] = Path(self.copies[path]).stat()
        return self.statuses[path]

    def add(self, other: MadePages) -> None:
        """Everything that another part made."""
        for mine, others in zip(vars(self).values(), vars(other).values(), strict=True):
            mine.update(others)

    def links_of(self, page: str) -> PageLinks:
        """The links of a page, looked for once."""
        if page not in self.links:
            self.links[page] = PageLinks.of(self.files[page].decode("utf-8"))
        return self.links[page]


@dataclass(frozen=True)
class MadeLesson:
    """A rendered lesson: its pages, and what other pages say about it."""

    made: MadePages
    figures: list[str]  # names, in their order
    terms_used: list[str]
    claim_places: list[ClaimPlace]
    search_texts: list[SearchText]


class KeptLessons:
    """The finished lessons of one set, its teacher's pages and its explorers."""

    def __init__(
        self,
        project: Project,
        cache: BuildCache,
        shop: FigureShop,
        common: Common,
        place: SetPlace,
        data: SetData,
        claims: dict[str, CheckedClaim],
    ):
        self.project = project
        self.cache = cache
        self.shop = shop
        self.common = common
        self.place = place
        self.data = data
        self.claims = claims

    def is_new(self, lesson: LessonFile) -> bool:
        """Whether no build kept the lesson as it is made from the same inputs, figures aside."""
        return not self.cache.has(self._first_key(lesson))

    def get(self, lesson: LessonFile) -> MadeLesson | None:
        """The lesson as an earlier build, or another process, made it from the same inputs; None if there is none."""
        first = self._first_key(lesson)
        figures = self.cache.get(first)
        key = self._second_key(first, figures) if figures is not None else None
        kept = self._pages(key) if key else None
        if kept is None:
            return None
        made, said = kept
        places = [ClaimPlace(**place) for place in said["claim_places"]]
        return MadeLesson(made, figures, said["terms_used"], places, [SearchText(**text) for text in said["search_texts"]])

    def put(self, lesson: LessonFile, lesson_made: MadeLesson, cache_keys: set[str]) -> None:
        """Keep a lesson with which nothing was wrong. cache_keys: entries that rendering it used, to be kept as long as it is."""
        cache_keys = cache_keys.union(*(self.shop.cache_keys_of(name, self.data) for name in lesson_made.figures))
        first = self._first_key(lesson)
        self.cache.put(first, lesson_made.figures)
        key = self._second_key(first, lesson_made.figures)
        if key:
            places = [asdict(place) for place in lesson_made.claim_places]
            texts = [asdict(text) for text in lesson_made.search_texts]
            said = {"terms_used": lesson_made.terms_used, "claim_places": places, "search_texts": texts}
            self._put_pages(key, lesson_made.made, said, cache_keys)

    def get_pages(self, key: str) -> MadePages | None:
        """A teacher's page or an explorer as an earlier build made it from the same inputs; None if there is none."""
        kept = self._pages(key)
        return kept and kept[0]

    def put_pages(self, key: str, made: MadePages, cache_keys: set[str]) -> None:
        """Keep pages with which nothing was wrong."""
        self._put_pages(key, made, {}, cache_keys)

    def _pages(self, key: str) -> tuple[MadePages, dict[str, Any]] | None:
        """What is kept under the key: pages, and what other pages say about them."""
        kept = self.cache.get_files(key)
        if kept is None:
            return None
        value, files = kept
        self.cache.keep(value["cache_keys"])
        copies = {path: self.project.folder / source for path, source in value["copies"].items()}
        links = {page: PageLinks(**lists) for page, lists in value["links"].items()}
        return MadePages(files, copies, value["page_sources"], links, versions=value["versions"]), value["said"]

    def _put_pages(self, key: str, made: MadePages, said: dict[str, Any], cache_keys: set[str]) -> None:
        value = {
            "copies": {path: str(Path(source).relative_to(self.project.folder)) for path, source in made.copies.items()},
            "page_sources": made.page_sources,
            "links": {page: asdict(made.links_of(page)) for page in made.page_sources},
            "versions": {path: digest(content) for path, content in made.files.items()},
            "said": said,
            "cache_keys": sorted(cache_keys),
        }
        self.cache.put_files(key, value, made.files)

    def sheet_key(self, sheet: Sheet, figures: list[str]) -> str:
        """figures: names of the lesson's, whose numbers the teacher's page cites."""
        return digest("sheet", self._shared_inputs, sheet.text.path.name, sheet.text.path.read_bytes(), *figures)

    def figure_key(self, figure: DrawnFigure, number: int, lesson: LessonFile, picture: LinkPicture | None) -> str:
        """Of the page of its own that a figure has. number: in its lesson, whose text that page does not show."""
        file = self.project.name_of(figure.chart_file)
        stated = (figure.key, file, number, lesson.slug, lesson.front.title, lesson.front.updated, picture)
        return digest("figure page", self._shared_inputs, *map(str, stated))

    def explorer_key(self, slug: str, picture: str) -> str:
        """picture: path of the one for links to it, "" for none."""
        return digest("explorer", self._shared_inputs, slug, picture)

    def _first_key(self, lesson: LessonFile) -> str:
        return digest("lesson", self._shared_inputs, lesson.path.name, lesson.path.read_bytes())

    def _second_key(self, first: str, figures: list[str]) -> str | None:
        keys = [self.shop.key_of(name, self.data) for name in figures]
        return digest("lesson files", first, *keys) if all(keys) else None

    @functools.cached_property
    def _shared_inputs(self) -> str:
        """A digest of all that every kept page of the set depends on, lessons' texts and figures aside."""
        common = self.common
        fronts = [(lesson.slug, lesson.number, lesson.front.title) for lesson in common.lessons]
        folders = [self.project.content / "listings", self.project.content / "notebooks", self.project.templates]
        files = [self.project.content / "glossary.toml", self.project.content / "references.bib"]
        files += [path for folder in folders for path in sorted(folder.iterdir()) if path.is_file()]
        frame = common.frame
        stated: list[Any] = [common.facts, frame.base_url, frame.sets, frame.redirects, self.place, common.assets.url, fronts, self.claims]
        artefacts = [f"{name}:{self.data.digest_of(name)}" for name in self.data]
        contents = [part for path in files for part in (path.name, path.read_bytes())]
        return digest(code_digest(), *map(str, stated), *artefacts, *contents)
