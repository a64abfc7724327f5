"""One build from beginning to end: read everything, render everything, check everything, then exchange the old site for the new."""

from __future__ import annotations

import contextlib
import re
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from problems import ProjectError, did_you_mean
from sitegen.ahead import Ahead
from sitegen.assets import Assets, gather_assets
from sitegen.build_cache import BuildCache
from sitegen.claims import read_claims
from sitegen.errata import Erratum, read_errata
from sitegen.explorers import explorers_of
from sitegen.figures import FigureShop
from sitegen.glossary import read_glossary
from sitegen.kept_claims import checked_claims
from sitegen.kept_lessons import MadePages
from sitegen.kept_sources import KeptSources
from sitegen.lesson_files import LessonFile, lesson_slugs, read_lessons
from sitegen.link_check import check_links
from sitegen.link_pictures import LinkPictures
from sitegen.offline import FOLDER as OFFLINE_FOLDER
from sitegen.offline import WORKER, build_id, list_of_files, parts_of, worker_script, worker_that_ends
from sitegen.output_folder import OutputFolder
from sitegen.pages import (
    Frame,
    SetPlace,
)
from sitegen.project import Problems, Project, SiteFacts, control_in, line_of, line_of_key, read_site_facts, texts_in
from sitegen.published_addresses import Redirects, addresses_of, check_published, check_redirects, read_redirects, record
from sitegen.references import Reference, read_references
from sitegen.set_pages import Common, SetPages
from sitegen.site_data import SetData, check_all_data
from sitegen.site_files import FEED, MANIFEST, ROBOTS, SITEMAP, feed, manifest, robots, sitemap
from sitegen.teaching import read_sheets

_FIGURE = re.compile(r"""\bfigure\(\s*["']([\w-]+)["']""")


@dataclass(frozen=True)
class BuildOptions:
    """What the command line says of a build."""

    out: Path
    set_name: str  # "all" or the name of a set
    base_url: str | None  # ends with a slash
    jobs: int
    repository: str | None = None  # in place of the one that content/site.toml names
    notices: tuple[str, ...] = ()  # for readers, on the first page and the models page
    record_addresses: bool = False  # in content/published_addresses.txt


@dataclass(frozen=True)
class BuildReport:
    """What a build made; `build.py` prints it."""

    pages: int
    figures: int
    figures_drawn: int
    files: int
    bytes: int
    seconds: float
    largest_page: tuple[str, int]
    recorded: int  # addresses that were new


def build_site(project: Project, options: BuildOptions) -> BuildReport:
    """Build the site. Raises ProjectError with every problem found; the old site is then untouched."""
    started = time.perf_counter()
    problems = Problems(project)
    builder = SiteBuilder(project, options, problems)
    with ExitStack() as stack:
        stack.callback(builder.shop.close)
        stack.callback(builder.ahead.wait)
        try:
            output = stack.enter_context(OutputFolder(options.out, project.spare_site))
            builder.output = output
        except ProjectError as error:
            problems.extend(error.problems)  # the content is checked all the same
        try:
            builder.build()
        except OSError as error:  # where a reader of one kind of file does not say it better
            if error.filename is None:
                raise
            what = f"cannot be read: {error.strerror}"
            problems.add(Path(error.filename), None, what, "Restore it, or check its permissions.")
        problems.stop_if_any()
        builder.write(output)
        output.swap()
    recorded = record(project, builder.addresses) if options.record_addresses else 0
    for data in builder.datasets:
        data.keep_digests()
    builder.cache.drop_unused()
    sizes = builder.made.sizes()
    page = max((p for p in sizes if p.endswith(".html")), key=sizes.__getitem__)
    return BuildReport(
        pages=sum(path.endswith(".html") for path in sizes),
        figures=builder.figures_shown,
        figures_drawn=builder.shop.drawn_now,
        files=len(sizes),
        bytes=sum(sizes.values()),
        seconds=time.perf_counter() - started,
        largest_page=(page, sizes[page]),
        recorded=recorded,
    )


class SiteBuilder:
    """Gathers the site in memory."""

    def __init__(self, project: Project, options: BuildOptions, problems: Problems):
        self.project = project
        self.options = options
        self.problems = problems
        self.cache = BuildCache(project.cache)
        self.shop = FigureShop(project, self.cache, problems, options.jobs)
        self.ahead = Ahead(options.jobs)
        self.pictures = LinkPictures(project, self.cache, self.shop, problems, options.jobs) if options.base_url else None
        self.made = MadePages()
        self.output: OutputFolder | None = None
        self.datasets: list[SetData] = []
        self.figures_shown = 0
        self.addresses: list[str] = []  # of the default set, that readers may link to

    def build(self) -> None:
        """Everything but the writing."""
        facts = read_site_facts(self.project, self.problems)
        if facts is not None and self.options.repository is not None:
            facts = facts.model_copy(update={"repository": self.options.repository})
        datasets = self.datasets = self._datasets(facts)
        kept = KeptSources(self.cache)
        lessons = read_lessons(self.project, self.problems, kept)
        places = [_place_of(data, data.name == self._default_set(facts), self.problems) for data in datasets] if facts else []
        if all(places) and self.cache.began_empty:  # else there is little to draw, and what others do ahead comes first
            self._start_drawing(lessons, datasets)
        references = read_references(self.project, self.problems, kept)
        glossary = read_glossary(self.project, self.problems, references, kept)
        redirects = read_redirects(self.project, self.problems)
        errata = read_errata(self.project, self.problems)
        assets = gather_assets(self.project, self.problems)
        ledger = read_claims(self.project, self.problems, lesson_slugs(self.project), set(references), kept)
        self._check_citations(lessons, references)
        if facts is None or not datasets or assets is None or not all(places):
            self._check_data(datasets)
            return
        checked = checked_claims(ledger, datasets, self.cache, self.problems)
        sheets = read_sheets(self.project, self.problems, lessons, kept)
        frame = Frame(facts, assets, places, self.options.base_url, redirects)
        common = Common(facts, frame, assets, lessons, references, glossary, sheets, errata)
        all_sets = list(zip(places, checked, strict=True))
        of_sets = [SetPages(self, common, data, place, claims, all_sets) for data, (place, claims) in zip(datasets, all_sets, strict=True)]
        self.ahead.start([task for pages in of_sets for task in pages.lessons_to_render()])
        self._start_drawing(lessons, datasets)
        self._check_data(datasets)
        for pages in of_sets:
            pages.render_beside_lessons()
        self._begin_output()
        self.ahead.wait()
        for pages in of_sets:
            pages.render_rest()
        self.shop.close()
        self.made.files |= assets.files
        if self.pictures and not self.problems.found:
            self.made.files |= self.pictures.draw()
        self._add_site_files(facts, assets, lessons, redirects, errata)
        self._add_offline_reading(facts, of_sets)
        if places[0].name == facts.default_set:
            self._check_published(redirects, of_sets[0])
        self._check_links(lessons, places)

    def _begin_output(self) -> None:
        """While lessons are rendered and figures drawn: most of what is known now is as it will be published."""
        if self.output is None or self.problems.found:
            return
        with contextlib.suppress(OSError):  # what cannot be read is said where it is copied
            copies = {path: (source, self.made.status_of(path)) for path, source in self.made.copies.items()}
            self.output.look_at_spare(self.made.files, copies)
            try:
                self.output.copy_ahead(copies)
            except ProjectError as error:
                self.problems.extend(error.problems)

    def write(self, output: OutputFolder) -> None:
        """Hand everything made to the output folder."""
        output.begin_with_spare((*self.made.files, *self.made.copies))
        for path, content in self.made.files.items():
            output.write(path, content)
        for path, source in self.made.copies.items():
            output.copy(path, source, self.made.status_of(path))

    # --- reading -------------------------------------------------------------------------------------------------------

    def _datasets(self, facts: SiteFacts | None) -> list[SetData]:
        """The sets to publish, the default one first."""
        known = self.project.sets()
        wanted = self.options.set_name
        if wanted != "all" and wanted not in known:
            cure = did_you_mean(wanted, known, "Export its data: python -m precompute --set NAME.")
            self.problems.add(self.project.data, None, f"there is no set named {wanted!r}", cure)
            return []
        if not known:
            self.problems.add(self.project.data, None, "holds no exported data", "Make it: python -m precompute")
            return []
        for name in known:
            if not re.fullmatch(r"[a-z0-9]+(?:[.-][a-z0-9]+)*", name):  # it becomes part of addresses
                cure = "Name the set in small letters, digits, hyphens and dots."
                self.problems.add(self.project.data / name, None, f"{name!r} is no name for a set", cure)
        default = self._default_set(facts) if facts else known[0]
        if default not in known:
            cure = did_you_mean(default, known, "Export its data: python -m precompute")
            path = self.project.content / "site.toml"
            line = line_of_key(path.read_text(encoding="utf-8-sig"), "default_set")
            self.problems.add(path, line, f"the default set {default!r} has no data", cure)
            return []
        names = known if wanted == "all" else [wanted]
        names = sorted(names, key=lambda name: (name != default, name))
        return [SetData(self.project.data / name, self.problems, self.cache) for name in names]

    def _default_set(self, facts: SiteFacts) -> str:
        return facts.default_set if self.options.set_name == "all" else self.options.set_name

    def _check_data(self, datasets: list[SetData]) -> None:
        for data in datasets:
            check_all_data(data, self.problems, self.cache)

    def _check_citations(self, lessons: list[LessonFile], references: dict[str, Reference]) -> None:
        notebooks = self.project.files_of("notebooks", "*.py")
        for lesson in lessons:
            text = lesson.path.read_text(encoding="utf-8-sig")
            for key in lesson.front.sources:
                if key not in references:
                    cure = did_you_mean(key, references, "Add it to content/references.bib.")
                    self.problems.add(lesson.path, line_of(text, key), f"unknown citation {key!r} in 'sources'", cure)
            name = lesson.front.notebook
            if name is not None and name not in notebooks:
                cure = did_you_mean(name, notebooks, "Write it in content/notebooks/, or say notebook: null.")
                self.problems.add(lesson.path, line_of(text, "notebook:"), f"unknown notebook {name!r}", cure)

    def _start_drawing(self, lessons: list[LessonFile], datasets: list[SetData]) -> None:
        """Draw all figures that the lessons seem to name, in their order, while all else is done. Rendering finds the true names."""
        with contextlib.suppress(OSError):  # what cannot be read is said where it is asked for
            named = [name for lesson in lessons for name in _FIGURE.findall(lesson.body)]
            self.shop.start((name, data) for data in datasets for name in named)

    # --- what belongs to the whole site --------------------------------------------------------------------------------

    def _add_site_files(
        self, facts: SiteFacts, assets: Assets, lessons: list[LessonFile], redirects: Redirects, errata: list[Erratum]
    ) -> None:
        self.made.files[MANIFEST] = manifest(facts, assets)
        self.made.files[".nojekyll"] = b""
        for licence in ("LICENSE", "LICENSE-CONTENT", "NOTICE"):
            path = self.project.folder / licence
            self.made.copies[f"{licence}.txt"] = path
            if not path.is_file():
                self.problems.add(path, None, "does not exist", "Restore it; the site publishes its licences.")
        base_url = self.options.base_url
        if base_url:
            moved = {f"{path}index.html" for path in redirects.pages}
            pages = [path for path in self.made.files if path.endswith("index.html") and path not in moved]
            self.made.files |= {
                SITEMAP: sitemap(base_url, pages, lessons),
                FEED: feed(base_url, facts, lessons, errata),
                ROBOTS: robots(base_url),
            }

    def _add_offline_reading(self, facts: SiteFacts, of_sets: list[SetPages]) -> None:
        """The worker that keeps pages, the page about it, and the list of all there is to keep: when all else is there."""
        if not facts.offline:
            self.made.files[WORKER] = worker_that_ends(self.project)
            return
        if self.problems.found:  # nothing will be published, but links to the page are judged all the same
            of_sets[0].render_offline([])
            return
        versions = {path: version for pages in of_sets for path, version in pages.data_versions().items()}
        build = build_id(self.made.files, self.made.copies, versions | self.made.versions)
        parts = parts_of(self.made.sizes(), [(pages.place.name, pages.place.title, pages.place.folder) for pages in of_sets])
        of_sets[0].render_offline(parts)
        self.made.files[f"{OFFLINE_FOLDER}files.{build}.json"] = list_of_files(parts)
        self.made.files[WORKER] = worker_script(self.project, build, [*self.made.files, *self.made.copies])

    def _check_published(self, redirects: Redirects, default: SetPages) -> None:
        """No address of the default set that was published has gone. Judged only where all pages are as they will be."""
        if self.problems.found:
            return
        of_default = [path for path in self.made.page_sources if not path.startswith("sets/")]
        pages = {path.removesuffix("index.html"): self.made.links_of(path) for path in of_default}
        check_redirects(self.project, redirects, pages.get, self.problems)
        check_published(self.project, redirects, pages.get, self.problems)
        works = (f"references/#{key}" for key in default.common.references)
        self.addresses = addresses_of(pages, [*default.found_by_search, *works])

    def _check_links(self, lessons: list[LessonFile], places: list[SetPlace]) -> None:
        """Also where lessons have problems, so that one run lists all; then links to those lessons are not judged."""
        faulty = {problem.file for problem in self.problems.found}
        folder = self.project.name_of(self.project.content / "lessons") + "/"
        if not all(file.startswith(folder) for file in faulty):
            return  # what else is wrong may have taken any page away
        unreadable = set(lesson_slugs(self.project)) - {lesson.slug for lesson in lessons}
        unsure = {f"{place.folder}lessons/{slug}/index.html" for slug in unreadable for place in places}
        unsure |= {path for path, source in self.made.page_sources.items() if source in faulty}
        pages = {path: self.made.links_of(path) for path in self.made.page_sources}
        check_links(pages, set(self.made.files) | set(self.made.copies), self._place_of_link, self.problems, frozenset(unsure))

    def _place_of_link(self, page: str, link: str) -> tuple[str, int | None, str]:
        """Where in its source a page's link stands, and how it is written there."""
        source = self.made.page_sources[page]
        file = self.project.folder / source
        text = file.read_text(encoding="utf-8-sig") if file.is_file() else ""
        inside = re.sub(r"^(\.\.?/)+", "", link)
        for written in (link, "lesson:" + inside.removeprefix("lessons/"), "page:" + inside, inside):
            for quoted in (f"({written})", f'"{written}"', f"({written.replace('/', '', 1)})", f"#{written}", written):
                line = line_of(text, quoted)
                if line is not None:
                    return source, line, written
        return source, None, link


def _place_of(data: SetData, is_default: bool, problems: Problems) -> SetPlace | None:
    try:
        facts = data["model_facts"]
    except KeyError:
        return None
    for text in texts_in(facts.model_dump()):
        if control := control_in(text):  # here once, rather than on every page of the set
            cure = f"Take it out where models and sets are declared: python -m precompute --set {data.name} --only model_facts"
            problems.add(data.path("model_facts"), 1, f"holds the control character {control} in {text[:60]!r}", cure)
            return None
    return SetPlace(data.name, facts.set_title, facts.note, is_default, explorers_of(data))
