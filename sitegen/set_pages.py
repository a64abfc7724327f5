"""Every page of one set of models: lessons, their figures, explorers, teachers' pages, and all that lead to them or list what they use."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import os
import re
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from jinja2 import TemplateNotFound, TemplateSyntaxError
from markupsafe import Markup

from artefacts.registry import ARTEFACTS
from problems import ProjectError, did_you_mean
from sitegen.allowed_html import Refused
from sitegen.assets import Assets
from sitegen.claim_places import ClaimPlace, claim_places
from sitegen.claims import CheckedClaim
from sitegen.compiled_texts import CompiledTexts
from sitegen.edition import edition_of
from sitegen.errata import FILE as ERRATA_FILE
from sitegen.errata import Erratum
from sitegen.error_reports import report_url
from sitegen.explorer_inputs import ExplorerInputs
from sitegen.explorers import EXPLORERS, Explorer
from sitegen.figure_files import dark_picture, inline_picture
from sitegen.figures import DrawnFigure
from sitegen.glossary import Glossary
from sitegen.kept_lessons import KeptLessons, MadeLesson, MadePages
from sitegen.lesson_files import LessonFile
from sitegen.lesson_rendering import RenderedText, Surroundings, TextRenderer, default_mathml
from sitegen.link_pictures import Words
from sitegen.markdown_to_html import caption_html, convert
from sitegen.notebooks import notebook_json, prose_of_notebook
from sitegen.notice import NoticeGroup, notice_groups
from sitegen.offline import FOLDER as OFFLINE_FOLDER
from sitegen.offline import Part
from sitegen.pages import (
    NAVIGATION,
    REBUILD_FILE,
    Frame,
    LinkPicture,
    SetPlace,
    claim_values,
    claims_csv,
    data_file_values,
    ledger_filters,
    ledger_parts,
    model_values,
    source_values,
    template_environment,
    verdict_tally,
    what_artefact_holds,
)
from sitegen.project import CONTROLS, SiteFacts, control_in, digest, line_of, read_text
from sitegen.published_addresses import REDIRECTS
from sitegen.published_data import fetched_folder, published_paths
from sitegen.references import Reference
from sitegen.search_texts import (
    MOST_CHARACTERS,
    SearchText,
    claim_texts,
    contents_by_lesson,
    lesson_texts,
    search_script,
    term_texts,
    within,
)
from sitegen.site_data import SetData, contract_digest, token_kinds
from sitegen.teaching import INTRODUCTION, Sheet, SheetRenderer, index_values, sheet_values
from sitegen.typesetting import typeset

if TYPE_CHECKING:
    from sitegen.site import SiteBuilder

HERO_FIGURE = "neighbours-of-a-word"
"""The figure on the first page."""
DEEPEST = 7
"""Folders below the site's root, at most, of addresses under which 404.html works without knowing the site's address: a figure's page in
another set has six."""


class OtherPage(NamedTuple):
    """A page as itself and the search name it. path: below the set's folder. line: what it says of itself."""

    title: str
    path: str
    line: str


MODELS = OtherPage(
    "Models and data", "models/", "Every model and data file: where it comes from, its licence, its size, and how to make it again."
)
REFERENCES = OtherPage("References", "references/", "What these pages rest on.")
ERRATA = OtherPage("Errata", "errata/", "What was published here and was wrong, and what is right.")
TEACH = OtherPage("For teachers", "teach/", "For each lesson: objectives, a plan for the time, a worksheet to print, and its answers.")


@dataclass(frozen=True)
class Common:
    """What all sets share."""

    facts: SiteFacts
    frame: Frame
    assets: Assets
    lessons: list[LessonFile]
    references: dict[str, Reference]
    glossary: Glossary
    sheets: dict[str, Sheet]  # slug of a lesson -> the teacher's page for it
    errata: list[Erratum]  # the oldest first


class SetPages:
    """Renders every page of one set."""

    def __init__(
        self,
        builder: SiteBuilder,
        common: Common,
        data: SetData,
        place: SetPlace,
        claims: dict[str, CheckedClaim],
        all_sets: list[tuple[SetPlace, dict[str, CheckedClaim]]],
    ):
        self.builder = builder
        self.common = common
        self.place = place
        self.data = data
        self.claims = claims
        self.all_sets = all_sets
        self._lessons: dict[str, MadeLesson] = {}
        self._definitions_html: dict[str, str] = {}  # id of a term -> its definition
        self.made = MadePages()  # of the lesson or sheet being rendered, or of the other pages
        self.kept_lessons = KeptLessons(builder.project, builder.cache, builder.shop, common, place, data, claims)
        self.edition = edition_of(common.facts.version, data)
        self._content_files = functools.cache(builder.project.files_of)
        self.templates = template_environment(builder.project)
        models = data["model_facts"].models
        self.models = {fact.role: fact for fact in models if fact.role != "tokenizer"}
        self.role_names = {role: fact.name for role, fact in self.models.items()}
        self.kinds = token_kinds(data)
        self.around = Surroundings(
            data=data,
            kinds=self.kinds,
            models=self.models,
            set_facts={
                "name": place.name,
                "title": place.title,
                "note": place.note,
                "is_default": place.is_default,
                "explorers": place.explorers,
            },
            claims=claims,
            references=common.references,
            glossary=common.glossary,
            get_figure=builder.shop.get,
            figure_html=self._figure_in_lesson,
            template=self._partial,
            listing_html=self._listing,
            listing_href=self._listing_href,
            notebook_html=self._notebook,
            mathml=self._mathml,
            compiled=CompiledTexts(builder.cache),
        )

    def lessons_to_render(self) -> list[Callable[[], None]]:
        """Those whose text the cache does not know, as tasks for other processes. Where a figure has changed, it has to be drawn first."""
        stale = [lesson for lesson in self.common.lessons if self.kept_lessons.is_new(lesson)]
        return [functools.partial(self._lesson_ahead, lesson) for lesson in stale]

    def render_beside_lessons(self) -> None:
        """Make those pages of the set that need no lesson which is not there yet, and no figure which has to be drawn."""
        self._explorers()
        self._definitions_html = self._definitions()
        self._models()
        self._references()
        self._errata()
        if self.place.is_default:
            self._check_notebooks()
        self._not_found()
        self._publish_data()
        for lesson in self.common.lessons:
            if not self.kept_lessons.is_new(lesson):
                self._add_lesson(lesson.slug, self.kept_lessons.get(lesson))
        self.builder.made.add(self.made)

    def _add_lesson(self, slug: str, lesson: MadeLesson | None) -> None:
        if lesson is not None:
            self._lessons[slug] = lesson
            self.builder.made.add(lesson.made)

    def render_rest(self) -> None:
        """Make the lessons that no earlier build and no other process left, and the pages that say what lessons hold."""
        for lesson in self.common.lessons:
            if lesson.slug not in self._lessons:
                self._add_lesson(lesson.slug, self.kept_lessons.get(lesson) or self._made_lesson(lesson))
            self._sheet_of(lesson.slug)  # while other processes draw the figures of the next lesson
        lessons = {lesson.slug: self._lessons[lesson.slug] for lesson in self.common.lessons}
        for lesson in self.common.lessons:
            self._lesson_picture(lesson, lessons[lesson.slug].figures)  # also of a lesson that was kept
        for slug, lesson in lessons.items():
            for term in lesson.terms_used:
                self.common.glossary.used_in.setdefault(term, set()).add(slug)
        figures = {slug: lesson.figures for slug, lesson in lessons.items()}
        self.builder.figures_shown += sum(map(len, figures.values()))
        self._home(figures)
        claims = self._claims({slug: lesson.claim_places for slug, lesson in lessons.items()})
        terms = self._glossary(self._definitions_html)
        self._teaching()
        self._search([text for lesson in lessons.values() for text in lesson.search_texts], claims, terms)
        self._moved_pages()
        self.builder.made.add(self.made)

    def _lesson_ahead(self, lesson: LessonFile) -> None:
        self.builder.shop.only_kept = True
        self._made_lesson(lesson)

    def _made_lesson(self, lesson: LessonFile) -> MadeLesson:
        """The lesson, rendered now and kept for the next build if nothing was wrong."""
        with self._apart() as (made, cache_keys, met_before):
            text = self._lesson(lesson)
        to_find = lesson_texts(text.html, lesson.slug, lesson.front.title, lesson.front.summary)
        finished = MadeLesson(made, [figure.name for figure in text.figures], sorted(text.terms_used), claim_places(text.html), to_find)
        if self.builder.problems.met == met_before:
            self.kept_lessons.put(lesson, finished, cache_keys)
        return finished

    def _keep(self, key: str, render: Callable[[], None]) -> None:
        """Pages that an earlier build kept under the key; else rendered now, and kept if nothing was wrong with them."""
        made = self.kept_lessons.get_pages(key)
        if made is None:
            with self._apart() as (made, cache_keys, met_before):
                render()
            if self.builder.problems.met == met_before:
                self.kept_lessons.put_pages(key, made, cache_keys)
        self.made.add(made)

    @contextlib.contextmanager
    def _apart(self) -> Iterator[tuple[MadePages, set[str], int]]:
        """What is made inside, the cache entries that it uses, and how often something had been wrong before."""
        others, self.made = self.made, MadePages()
        try:
            with self.builder.cache.recording() as cache_keys:
                yield self.made, cache_keys, self.builder.problems.met
        finally:
            self.made = others

    def _page(
        self,
        template: str,
        path: str,
        kind: str,
        title: str,
        description: str,
        source: str,
        picture: LinkPicture | None = None,
        **values: Any,
    ) -> None:
        """picture: what stands beside a link to the page; the site's own by default."""
        picture = picture or self._picture("", "site", self.common.facts.tagline)
        frame = self.common.frame.values(self.place, path, kind, title, description, self.role_names, self.edition, picture)
        html = self._filled(template, **frame, **values)
        if (control := CONTROLS.search(html)) is not None:
            near = html[max(0, control.start() - 30) : control.start()]
            what = f"a text of the set holds the control character {control_in(control[0])}, which no page may have"
            cure = f"Look for what stands behind {near!r}, and make the data again without it: python -m precompute --set {self.data.name}"
            self.builder.problems.add(self.data.folder, None, what, cure)
        self.made.add_page(self.place.folder + path, html, source)

    def _partial(self, template: str, **values: Any) -> str:
        return self._filled(template, role_names=self.role_names, **values)

    def _filled(self, template: str, **values: Any) -> str:
        """The template with its values; nothing after recording what is wrong with it."""
        folder = self.builder.project.templates
        cure = "Correct the {{ ... }} or {% ... %} there."
        try:
            return self.templates.get_template(template).render(values)
        except TemplateNotFound as error:
            self.builder.problems.add(folder / str(error.name), None, "there is no such template", "Restore it, or correct its name.")
        except TemplateSyntaxError as error:
            self.builder.problems.add(folder / (error.name or template), error.lineno, f"template error: {error.message}", cure)
        except Exception as error:
            frames = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).parent == folder.resolve()]
            if not frames:
                raise
            what = f"template error: {type(error).__name__}: {error}"
            self.builder.problems.add(folder / Path(frames[-1].filename).name, frames[-1].lineno, what, cure)
        return ""

    # --- lessons -------------------------------------------------------------------------------------------------------

    def _lesson(self, lesson: LessonFile) -> RenderedText:
        path = f"lessons/{lesson.slug}/"
        text = TextRenderer(self.around, lesson, self.builder.problems, "../../").render(lesson.body)
        number = self.common.lessons.index(lesson)
        front = lesson.front
        values = {
            "title": front.title,
            "summary": front.summary,
            "learn": [self._short_markdown(item, "../../", lesson.path) for item in front.learn],
            "needs": [self._short_markdown(item, "../../", lesson.path) for item in front.needs],
            "minutes": front.minutes,
            "date": front.date.isoformat(),
            "updated": front.updated.isoformat(),
            "number": lesson.number,
            "body": _resolve_links(text.html, "../../"),
            "toc": text.headings,
            "charts": [figure.name for figure in text.figures if figure.kind == "chart"],
            "sources": [self._reference_link(key) for key in front.sources if key in self.common.references],
            "notebook_href": self._notebook_href(lesson),
            "previous": self._neighbour(number - 1),
            "next": self._neighbour(number + 1),
            "counts": {"figures": len(text.figures), "questions": text.questions, "claims": len(text.claims_used)},
            "cite_text": self._citation(front.title, front.updated.year, path),
        }
        source = self.builder.project.name_of(lesson.path)
        picture = self._lesson_picture(lesson, [figure.name for figure in text.figures])
        if picture and text.figures:
            picture = dataclasses.replace(picture, alt=f"{picture.alt} Figure: {text.figures[0].title}.")
        self._page("lesson.html", path, "lesson", front.title, front.summary, source, picture, lesson=values)
        for n, figure in enumerate(text.figures, start=1):
            key = self.kept_lessons.figure_key(figure, n, lesson, picture)
            self._keep(key, functools.partial(self._figure_page, figure, n, lesson, picture))
        return text

    def _lesson_picture(self, lesson: LessonFile, figures: list[str]) -> LinkPicture | None:
        """figures: names of the lesson's, in their order."""
        models = "" if self.place.is_default else f", {self.place.title}"
        return self._picture(self.place.folder, lesson.slug, lesson.front.title, f"Lesson {lesson.number}{models}", next(iter(figures), ""))

    def _picture(self, folder: str, name: str, title: str, kicker: str = "", figure: str = "", note: str = "") -> LinkPicture | None:
        """A picture for links, to be drawn with all others; none where the site's address is not known. figure: "" for words alone."""
        if self.builder.pictures is None:
            return None
        words = Words(self.common.facts.title, kicker, title, note)
        path = self.builder.pictures.ask(folder, name, words, (figure, self.data) if figure else None)
        return LinkPicture(path, " ".join(part.rstrip(".") + "." for part in (words.site, kicker, title) if part))

    def _neighbour(self, number: int) -> dict[str, str] | None:
        if not 0 <= number < len(self.common.lessons):
            return None
        lesson = self.common.lessons[number]
        return {"title": lesson.front.title, "href": f"../{lesson.slug}/"}

    def _reference_link(self, key: str) -> dict[str, str]:
        return {"key": key, "html": str(self.common.references[key].html)}

    def _citation(self, title: str, year: int, path: str, anchor: str = "") -> str:
        """With an address, where there is one, that names the version: the page says so if it is of another one by then."""
        facts, base_url = self.common.facts, self.common.frame.base_url
        where = f"{path}?{urlencode({'version': self.edition})}{'#' if anchor else ''}{anchor}"
        address = f" {base_url.rstrip('/')}/{self.place.folder}{where}" if base_url else ""
        end = "" if title.endswith(("?", "!", ".")) else "."
        return f"{facts.author} ({year}). {title}{end} {facts.title}, version {self.edition}, models: {self.place.title}.{address}"

    def _report_url(self, what: str, name: str, path: str) -> str | None:
        """Where a reader reports an error in a figure or a claim. path: where it stands, below the set's folder."""
        frame = self.common.frame
        page = f"{frame.base_url or ''}{self.place.folder}{path}#{name}"
        return report_url(self.common.facts.repository, what=what, name=name, page=page, set_name=self.place.name, edition=self.edition)

    def _markdown(self, text: str, root: str, source: Path, line: int | None = None) -> str:
        """Markdown outside of a lesson's text. root: from the page to the set's root; source, line: where the text stands."""

        def mathml(latex: str, display: bool) -> str:
            try:
                return self._mathml(latex, display)
            except ValueError as error:
                where = line or line_of(source.read_text(encoding="utf-8-sig"), latex)
                self.builder.problems.add(source, where, f"the formula {latex[:60]!r} cannot be set: {error}", "Correct the LaTeX.")
                return ""

        def refuse(fault: Refused) -> None:
            where = line or fault.line_in(source.read_text(encoding="utf-8-sig"))
            self.builder.problems.add(source, where, fault.what, fault.cure)

        key = digest("markdown", text, self._markdown_code)
        html = self.builder.cache.get(key)
        if html is None:
            before = self.builder.problems.met
            html = convert(text, mathml, refuse)[0]
            if self.builder.problems.met == before:
                self.builder.cache.put(key, html)
        return _resolve_links(html, root)

    def _short_markdown(self, text: str, root: str, source: Path) -> str:
        """A line of Markdown without its paragraph."""
        return self._markdown(text, root, source).removeprefix("<p>").removesuffix("</p>")

    def _mathml(self, latex: str, display: bool) -> str:
        key = digest("mathml", latex, str(display), self._markdown_code)
        kept = self.builder.cache.get(key)
        if kept is None:
            kept = default_mathml(latex, display)
            self.builder.cache.put(key, kept)
        return kept

    @functools.cached_property
    def _markdown_code(self) -> str:
        """A digest of what turns Markdown and formulas into HTML."""
        temml = self.builder.project.static / "vendor" / "temml.min.js"
        return digest(temml.read_bytes(), *map(_code_of, ("maths", "markdown_to_html", "allowed_html", "lesson_rendering")))

    def _check_name(self, path: Path) -> None:
        """A file's name is part of its address, where many characters mean something else."""
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", path.name):
            cure = "Rename it: letters, digits, hyphens, underscores and dots, a letter or digit first."
            self.builder.problems.add(path, None, f"{path.name!r} makes no plain address", cure)

    def _listing_href(self, name: str, root: str) -> str:
        """Publish a program and return its address. FileNotFoundError with a cure if there is none of that name."""
        known = self._content_files("listings", "*.py")
        if name not in known:
            raise FileNotFoundError(did_you_mean(name, known, "Write it in content/listings/."))
        self._check_name(known[name])
        self.made.copies[f"listings/{name}"] = known[name]
        return f"{root}{self._up_to_site_root()}listings/{name}"

    def _listing(self, name: str, root: str) -> str:
        href = self._listing_href(name, root)
        path = self.builder.project.content / "listings" / name
        output = self._content_files("listings", "*.out.txt").get(path.with_suffix(".out.txt").name)
        code = read_text(path, self.builder.problems, "Restore it.") or ""
        key = digest("listing", code, _code_of("highlighting"))
        html = self.builder.cache.get(key)
        if html is None:
            from sitegen.highlighting import highlighted

            html = highlighted(code)
            self.builder.cache.put(key, html)
        values = {
            "name": name,
            "code_html": html,
            "output_text": read_text(output, self.builder.problems, "Restore it.") if output else None,
            "download_url": href,
            "beside_it": {helper: self._listing_href(helper, root) for helper in self._helpers_of(code)},
        }
        return self._partial("_listing.html", listing=values)

    def _helpers_of(self, code: str) -> list[str]:
        """Other programs of content/listings/ that a program imports: readers need them beside it."""
        imported = re.findall(r"^\s*(?:from|import) (\w+)", code, re.MULTILINE)
        return [name for name in self._content_files("listings", "*.py") if name.removesuffix(".py") in imported]

    def _up_to_site_root(self) -> str:
        """From the set's root to the site's."""
        return "../" * self.place.folder.count("/")

    def _notebook_href(self, lesson: LessonFile) -> str | None:
        if lesson.front.notebook is None:
            return None
        script = self._content_files("notebooks", "*.py").get(lesson.front.notebook)
        if script is None:
            return None  # recorded when the lesson was read
        self._check_name(script)
        path = f"notebooks/{script.stem}.ipynb"
        try:
            self.made.files[path] = notebook_json(script).encode("utf-8")
        except ProjectError as error:
            self.builder.problems.extend(error.problems)
        except UnicodeDecodeError:
            read_text(script, self.builder.problems, "Restore it.")  # says where
        return f"../../{self._up_to_site_root()}{path}"

    def _check_notebooks(self) -> None:
        """Their prose brings no more HTML than a lesson's: a program that shows a notebook may be less careful than a browser."""
        for script in self.builder.project.files_of("notebooks", "*.py").values():
            try:
                text = script.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError):
                continue  # said where the notebook is made
            key = digest("notebook's prose", text, self._markdown_code)
            before = self.builder.problems.met
            if self.builder.cache.get(key) is None:
                titles = re.compile(r"^# ", re.MULTILINE)  # a notebook has its own, a lesson's stands in its front matter
                self._markdown(titles.sub("## ", prose_of_notebook(text)), "../../", script)
            if self.builder.problems.met == before:
                self.builder.cache.put(key, True)

    def _notebook(self, lesson: LessonFile) -> str:
        href = self._notebook_href(lesson)
        words = "This lesson as a Jupyter notebook"
        return str(Markup('<p class="notebook-link"><a href="{}" download>{}</a></p>').format(href, words))

    # --- figures -------------------------------------------------------------------------------------------------------

    def _figure_folder(self, figure: DrawnFigure, lesson: LessonFile) -> str:
        return f"lessons/{lesson.slug}/figures/{figure.name}/"

    def _figure_in_lesson(self, figure: DrawnFigure, number: int, lesson: LessonFile) -> str:
        """The figure as it stands in its lesson; its files are published beside it. The first one's picture is in the page."""
        self._figure_files(figure, lesson)
        return self._figure_html(figure, number, lesson, "../../", inline=number == 1)

    def _figure_files(self, figure: DrawnFigure, lesson: LessonFile) -> None:
        folder = self.place.folder + self._figure_folder(figure, lesson)
        files = self.made.files
        files[f"{folder}{figure.name}.csv"] = figure.csv.encode("utf-8")
        files[f"{folder}{figure.name}.json"] = figure.json.encode("utf-8")
        self.made.copies[f"code/{figure.chart_file.name}"] = figure.chart_file
        if figure.kind != "table":
            files |= self._hashed_figure_files(figure)
        if figure.kind == "chart":
            files[f"{folder}{figure.name}.vl.json"] = (figure.vega_lite + "\n").encode("utf-8")

    def _hashed_figure_files(self, figure: DrawnFigure) -> dict[str, bytes]:
        stem = f"{self.place.folder}assets/figures/{figure.name}"
        files = {f"{stem}.{figure.key}.js": figure.script.encode("utf-8")}
        for layout, picture in figure.pictures.items():
            files[f"{stem}-{layout}-light.{figure.key}.svg"] = picture["svg"].encode("utf-8")
            files[f"{stem}-{layout}-dark.{figure.key}.svg"] = dark_picture(picture["svg"]).encode("utf-8")
        return files

    def _figure_html(self, figure: DrawnFigure, number: int, lesson: LessonFile, root: str, inline: bool) -> str:
        html = self._partial("_figure.html", figure=self._figure_values(figure, number, lesson, root, inline))
        return re.sub(r"\n[ \t]+<", "\n<", html)  # a figure has no <pre>; indents of a dozen figures cost half a KB of the page's budget

    def _figure_values(self, figure: DrawnFigure, number: int, lesson: LessonFile, root: str, inline: bool) -> dict[str, Any]:
        """What `_figure.html` shows. root: from the page to the set's root. inline: the picture is part of the page."""
        folder = root + self._figure_folder(figure, lesson)
        stem = f"{root}assets/figures/{figure.name}"
        values: dict[str, Any] = {
            "name": figure.name,
            "number": number,
            "title": str(typeset(figure.title)),
            "caption": caption_html(figure.caption),
            "description": figure.description,
            "kind": figure.kind,
            "roles": figure.roles,
            "controls": figure.controls,
            "table": figure.table_html,
            "table_note": self._table_note(folder, figure) if figure.rows > figure.rows_shown else None,
            "page_href": folder,
            "csv_url": f"{folder}{figure.name}.csv",
            "json_url": f"{folder}{figure.name}.json",
            "spec_url": f"{folder}{figure.name}.vl.json" if figure.kind == "chart" else None,
            "code_url": f"{root}{self._up_to_site_root()}code/{figure.chart_file.name}",
            "code_name": figure.chart_file.name,
            "permalink": f"{root}lessons/{lesson.slug}/#{figure.name}",
            "report_url": self._report_url("figure", figure.name, f"lessons/{lesson.slug}/"),
            "embed_code": self._embed_code(figure, folder),
            "cite_text": self._citation(
                f"Figure {number} of “{lesson.front.title}”", lesson.front.updated.year, f"lessons/{lesson.slug}/", figure.name
            ),
            "script_url": f"{stem}.{figure.key}.js" if figure.kind != "table" else None,
            "drawer_url": f"{root}{self._up_to_site_root()}{self.common.assets.url['matrix.js']}" if figure.kind == "matrix" else None,
            "matrix": figure.matrix if figure.kind == "matrix" else None,
            "pictures": None,
            "inline": None,
        }
        if figure.kind == "chart" and inline:  # a matrix is too heavy to stand in a page
            values["inline"] = {layout: inline_picture(p["svg"], f"{figure.name}-{layout}") for layout, p in figure.pictures.items()}
        elif figure.kind != "table":
            values["pictures"] = {
                layout: {
                    "width": p["width"],
                    "height": p["height"],
                    **{theme: f"{stem}-{layout}-{theme}.{figure.key}.svg" for theme in ("light", "dark")},
                }
                for layout, p in figure.pictures.items()
            }
        return values

    def _table_note(self, folder: str, figure: DrawnFigure) -> str:
        """Where the rows are that the lesson does not show."""
        on_page = figure.whole_table_html is not None
        where, href = ("on the figure's own page", folder) if on_page else ("in the CSV", f"{folder}{figure.name}.csv")
        return str(Markup('{:,} more rows <a href="{}">{}</a>.').format(figure.rows - figure.rows_shown, href, where))

    def _embed_code(self, figure: DrawnFigure, folder: str) -> str:
        """An iframe of the figure's own page. folder: that page's address, relative; the page's script makes it absolute."""
        base = self.common.frame.base_url
        address = f"{base.rstrip('/')}/{self.place.folder}{folder.lstrip('./')}" if base else folder
        code = Markup('<iframe src="{}" title="{}" width="720" height="640" loading="lazy"></iframe>')
        return str(code.format(address, figure.title))

    def _figure_page(self, figure: DrawnFigure, number: int, lesson: LessonFile, picture: LinkPicture | None) -> None:
        path = self._figure_folder(figure, lesson)
        self._page(
            "figure.html",
            path,
            "figure",
            figure.title,
            figure.description,
            self.builder.project.name_of(figure.chart_file),
            picture,
            figure=self._figure_values(figure, number, lesson, "../../../../", inline=True),
            lesson={"title": lesson.front.title, "href": f"../../../../lessons/{lesson.slug}/#{figure.name}"},
            full_table=figure.whole_table_html if figure.kind != "table" else None,
        )

    # --- the other pages -----------------------------------------------------------------------------------------------

    def _home(self, figures: dict[str, list[str]]) -> None:
        """figures: slug -> names of the lesson's figures, in their order."""
        facts = self.common.facts
        lessons = [
            {
                "title": lesson.front.title,
                "summary": lesson.front.summary,
                "href": f"lessons/{lesson.slug}/",
                "minutes": lesson.front.minutes,
                "number": lesson.number,
            }
            for lesson in self.common.lessons
        ]
        hero = ""
        for lesson in self.common.lessons:
            if HERO_FIGURE in figures[lesson.slug]:
                number = figures[lesson.slug].index(HERO_FIGURE) + 1
                drawn = self.builder.shop.get(HERO_FIGURE, self.data)
                hero = self._figure_html(drawn, number, lesson, "./", inline=True) if drawn else ""
        counts = {
            "claims": len(self.claims),
            "verdicts": verdict_tally(self.claims),
            "figures": sum(map(len, figures.values())),
        }
        values = {"lessons": lessons, "hero_figure": hero, "counts": counts, "claims_href": "claims/"}
        values["notices"] = self.builder.options.notices
        values["explorers"] = [{"title": one.title, "line": one.line, "href": one.folder} for one in self._listed_explorers()]
        values["sources"] = source_values(self.claims, self.common.references)
        picture = self._picture(self.place.folder, "home", facts.tagline, figure=HERO_FIGURE)
        self._page("home.html", "", "home", facts.title, facts.tagline, "templates/home.html", picture, **values)

    def _listed_explorers(self) -> list[Explorer]:
        return [explorer for explorer in EXPLORERS if explorer.slug in self.place.explorers]

    def _explorers(self) -> None:
        """The explorers that the set has the data for, and the page that lists them."""
        listed = self._listed_explorers()
        for explorer in listed:
            picture = self._picture(self.place.folder, f"explore-{explorer.slug}", explorer.title, "Explore", explorer.figure)
            key = self.kept_lessons.explorer_key(explorer.slug, picture.path if picture else "")
            self._keep(key, lambda explorer=explorer, picture=picture: self._explorer(explorer, picture))
        if listed:
            values = [{"title": one.title, "line": one.line, "questions": one.questions, "href": f"{one.slug}/"} for one in listed]
            absent = [{"title": one.title, "wants": one.wants} for one in EXPLORERS if one not in listed]
            description = "Put your own words to the models, and see what they answer."
            shown = {"explorers": values, "absent": absent}
            self._page("explore.html", "explore/", "explore", "Explore", description, "templates/explore.html", **shown)

    def _explorer(self, explorer: Explorer, picture: LinkPicture | None) -> None:
        root, template, script = "../../" + self._up_to_site_root(), f"explore_{explorer.slug}.html", f"explore-{explorer.slug}.js"
        if script not in self.common.assets.url:
            listed = self.builder.project.static / "js" / "explore" / f"{explorer.slug}.txt"
            self.builder.problems.add(listed, None, "does not exist", "List the scripts of the explorer there.")
            return
        inputs = ExplorerInputs(
            data=self.data,
            content=self.builder.project.content,
            kinds=self.kinds,
            names=self.role_names,
            data_href=root + fetched_folder(self.data),
            title=explorer.title,
            scripts={name: root + url for name, url in self.common.assets.url.items() if name.startswith("explore-")},
            citation=self._citation(explorer.title, self.common.facts.year, explorer.folder),
        )
        fetched = explorer.files(inputs)
        beside = f"{digest(*(part for file in fetched.items() for part in file))}/"  # by content, as all that scripts fetch
        inputs = dataclasses.replace(inputs, beside_href=beside)
        for name, content in {**{beside + name: content for name, content in fetched.items()}, **explorer.downloads(inputs)}.items():
            self.made.files[self.place.folder + explorer.folder + name] = content
        self._page(
            template,
            explorer.folder,
            "explore",
            explorer.title,
            explorer.line,
            f"templates/{template}",
            picture,
            explorer=explorer.values(inputs),
            explorer_script_url=root + self.common.assets.url[script],
            explorer_css_url=root + self.common.assets.url.get(f"explore-{explorer.slug}.css", ""),
        )

    def _claims(self, places: dict[str, list[ClaimPlace]]) -> list[SearchText]:
        """places: slug of each lesson -> where it cites claims. Returns what the search finds of the ledger."""
        lessons = {lesson.slug: lesson for lesson in self.common.lessons}
        values = claim_values(self.claims, self.all_sets, self.common.references, lessons, places)
        reports = {value["id"]: self._report_url("claim", value["id"], "claims/") for value in values}
        self.made.files[f"{self.place.folder}claims/claims.csv"] = claims_csv(values).encode("utf-8")
        description = "What the sources say, what was computed here, and the verdict."
        self._page(
            "claims.html",
            "claims/",
            "claims",
            "Claims",
            description,
            "content/claims",
            self._picture("", "claims", "Claims", note=description),
            claims=values,
            parts=ledger_parts(values),
            claims_js_url="../" + self._up_to_site_root() + self.common.assets.url["claims.js"],
            filters=ledger_filters(values),
            reports=reports,
            claims_csv_url="claims.csv",
        )
        return claim_texts(values)

    def _models(self) -> None:
        facts = self.data["model_facts"]
        rebuild = self.builder.project.folder / REBUILD_FILE
        up = "../" + self._up_to_site_root()
        sizes = {path: status.st_size for path, status in self.data.files.items()}
        values = {
            "models": model_values(facts),
            "data_files": data_file_values(
                self.data, sizes, lambda name: f"{up}data/{self.data.name}/{name}", self._what_artefacts_hold().__getitem__
            ),
            "set_note": facts.note,
            "notices": self.builder.options.notices,
            "notice_groups": self._notice_groups(),
            "notice_url": f"{up}NOTICE.txt",
            "rebuild_html": self._markdown(read_text(rebuild, self.builder.problems, "Restore it.") or "", "../", rebuild),
        }
        self._page("models.html", MODELS.path, "models", MODELS.title, MODELS.line, REBUILD_FILE, **values)

    def _what_artefacts_hold(self) -> dict[str, str]:
        """Artefact -> the first sentence of its schema. Kept, because that is the only use that most builds have for the schemas."""
        key = digest("what artefacts hold", contract_digest())
        kept = self.builder.cache.get(key)
        if kept is None:
            kept = {name: what_artefact_holds(name) for name in ARTEFACTS}
            self.builder.cache.put(key, kept)
        return kept

    def _notice_groups(self) -> list[NoticeGroup]:
        file = self.builder.project.folder / "NOTICE"
        if not file.is_file():
            return []  # said where the site's licences are published
        try:
            return notice_groups(file.read_text(encoding="utf-8"))
        except ValueError as error:
            self.builder.problems.add(file, None, *str(error).split(". ", 1))
            return []

    def _definitions(self) -> dict[str, str]:
        """Id of a term -> its definition as HTML."""
        file, lines = self.builder.project.content / "glossary.toml", self.common.glossary.lines
        return {term.id: self._markdown(term.definition, "../", file, lines[term.id]) for term in self.common.glossary.terms.values()}

    def _glossary(self, html_of: dict[str, str]) -> list[SearchText]:
        """Returns what the search finds of the glossary."""
        titles = {lesson.slug: lesson.front.title for lesson in self.common.lessons}
        glossary = self.common.glossary
        values, definitions = [], []
        for term in glossary.terms.values():
            html = html_of[term.id]
            definitions.append((term.id, term.term, html))
            if term.see:
                links = Markup(", ").join(
                    Markup('<a href="#{}">{}</a>').format(s, glossary.terms[s].term) for s in term.see if s in glossary.terms
                )
                html += str(Markup('<p class="see">See {}.</p>').format(links))
            works = [self.common.references[key] for key in term.cite if key in self.common.references]
            if works:
                links = Markup("; ").join(Markup('<a class="cite" href="../references/#{}">{}</a>').format(w.key, w.label) for w in works)
                html += str(Markup('<p class="see">Sources: {}.</p>').format(links))
            used = [{"title": titles[slug], "href": f"../lessons/{slug}/"} for slug in sorted(glossary.used_in.get(term.id, ()))]
            values.append({"id": term.id, "term": term.term, "html": html, "used_in": used})
        description = "The words of the field as these pages use them."
        self._page("glossary.html", "glossary/", "glossary", "Glossary", description, "content/glossary.toml", terms=values)
        return term_texts(definitions)

    def _references(self) -> None:
        values = [{"key": r.key, "html": str(r.html)} for r in self.common.references.values()]
        source = "content/references.bib"
        self._page("references.html", REFERENCES.path, "references", REFERENCES.title, REFERENCES.line, source, references=values)

    def _teaching(self) -> None:
        project, problems, sheets = self.builder.project, self.builder.problems, self.common.sheets
        introduction = project.folder / INTRODUCTION
        values = {
            "introduction": self._markdown(read_text(introduction, problems, "Restore it.") or "", "../", introduction),
            "lessons": index_values(self.common.lessons, sheets),
        }
        self._page("teach.html", TEACH.path, "teach", TEACH.title, TEACH.line, INTRODUCTION, **values)

    def _sheet_of(self, slug: str) -> None:
        """The page for teachers of a lesson that has been rendered."""
        sheet, figures = self.common.sheets.get(slug), self._lessons[slug].figures
        if sheet is not None:
            self._keep(self.kept_lessons.sheet_key(sheet, figures), functools.partial(self._sheet, sheet, figures))

    def _sheet(self, sheet: Sheet, figures: list[str]) -> None:
        root, path = "../../", sheet.text.path
        text = SheetRenderer(self.around, sheet, self.builder.problems, root, figures).render(sheet.text.body)
        values = sheet_values(sheet, text, lambda item: self._short_markdown(item, root, path), lambda html: _resolve_links(html, root))
        self._page(
            "teach_lesson.html",
            sheet.path,
            "teach",
            sheet.title,
            f"Objectives, timing, worksheet and answers for the lesson “{sheet.lesson.front.title}”.",
            self.builder.project.name_of(path),
            sheet=values,
        )

    def _search(self, of_lessons: list[SearchText], claims: list[SearchText], terms: list[SearchText]) -> None:
        """The page that finds things by their words, and the script with the words."""
        pages = self._other_pages()
        texts = within([*terms, *of_lessons, *claims, *pages], MOST_CHARACTERS)
        self.found_by_search = [text.href for text in texts]
        script = search_script(texts).encode("utf-8")
        name = f"assets/search-texts.{digest(script)[:10]}.js"
        self.made.files[self.place.folder + name] = script
        root = "../" + self._up_to_site_root()
        values = {
            "texts_url": f"../{name}",
            "library_url": root + self.common.assets.url["minisearch.js"],
            "script_url": root + self.common.assets.url["search.js"],
            "lessons": contents_by_lesson(of_lessons),
            "terms": terms,
            "pages": pages,
            "claims": len(claims),
        }
        description = "Find a section, a figure, a claim or a term by its words."
        self._page("search.html", "search/", "search", "Search", description, "templates/search.html", search=values)

    def _other_pages(self) -> list[SearchText]:
        """Pages that are found by their names and by what they say of themselves."""
        explorers = [
            SearchText("page", one.title, one.folder, "Explore", " ".join((one.line, *one.questions))) for one in self._listed_explorers()
        ]
        pages = [SearchText("page", page.title, page.path, "", page.line) for page in (MODELS, REFERENCES, ERRATA, TEACH)]
        sheets = [SearchText("page", sheet.title, sheet.path, TEACH.title, "") for sheet in self.common.sheets.values()]
        return explorers + pages + sheets

    def _errata(self) -> None:
        titles = {f"lessons/{lesson.slug}/": lesson.front.title for lesson in self.common.lessons}
        values = [
            {
                **erratum.model_dump(),
                "number": number,
                "where": titles.get(erratum.page.partition("#")[0], erratum.page),
                "href": f"../{erratum.page}" if self.place.has_page(erratum.page.partition("#")[0]) else None,
            }
            for number, erratum in enumerate(self.common.errata, start=1)
        ]
        self._page("errata.html", ERRATA.path, "errata", ERRATA.title, ERRATA.line, f"content/{ERRATA_FILE}", errata=values[::-1])

    def _moved_pages(self) -> None:
        """A small page at each address that a page had before it moved."""
        file = self.builder.project.content / REDIRECTS
        for source, target in self.common.frame.redirects.pages.items():
            if self.place.folder + source + "index.html" in self.made.files:
                cure = "Take the redirect away, or move the page."
                self.builder.problems.add(file, self.common.frame.redirects.lines[source], f"{source!r} is still a page", cure)
            elif self.place.has_page(target.partition("#")[0]):
                href = "../" * source.count("/") + target
                title = f"Moved: {source.rstrip('/')}"
                self._page("moved.html", source, "moved", title, "This page has moved.", f"content/{REDIRECTS}", moved_to=href)

    def _not_found(self) -> None:
        if self.place.is_default:
            frame = self.common.frame.values(
                self.place, "", "notfound", "Not found", "There is no such page.", self.role_names, self.edition
            )
            script = self.common.assets.url["lost.js"]
            scripts = [] if self.common.frame.base_url else ["../" * depth + script for depth in range(DEEPEST + 1)]
            self.made.files["404.html"] = self._filled("404.html", **frame, lost_scripts=scripts).encode("utf-8")

    def _publish_data(self) -> None:
        for path, source in self._published.items():
            self.made.copies[path] = os.path.join(self.data.folder, source)
            self.made.statuses[path] = self.data.files[source]

    def data_versions(self) -> dict[str, str]:
        """Path of each published data file -> what changes with its content: its artefact's digest."""
        return {path: self.data.digest_of(source.removesuffix(".json").partition("/")[0]) for path, source in self._published.items()}

    @functools.cached_property
    def _published(self) -> dict[str, str]:
        """Path in the site of each data file -> path below the set's folder."""
        return published_paths(self.data, self.data.files)

    def render_offline(self, parts: list[Part]) -> None:
        """The page where a reader can keep the site, which is also shown for a page that is not kept. For the default set alone."""
        listed = [(f"lessons/{lesson.slug}/", lesson.front.title) for lesson in self.common.lessons]
        listed += [(explorer.folder, explorer.title) for explorer in self._listed_explorers()]
        listed += [(href, title) for title, href, _ in NAVIGATION[2:] if self.place.has_page(href)]
        self._page(
            "offline.html",
            OFFLINE_FOLDER,
            "offline",
            "Reading offline",
            "Which pages are kept on this device, and how to keep all of them.",
            "templates/offline.html",
            parts=[part.values() for part in parts],
            listed=[{"href": f"../{href}", "title": title} for href, title in listed],
            keep_js_url="../" + self.common.assets.url["keep-offline.js"],
        )
        self.builder.made.add(self.made)


def _code_of(module: str) -> bytes:
    """The source of one of this package's modules, for the cache keys of what it makes."""
    return (Path(__file__).parent / f"{module}.py").read_bytes()


def _resolve_links(html: str, root: str) -> str:
    """`lesson:slug/#anchor` and `page:claims/` as relative addresses; the link check finds those that lead nowhere."""

    def resolved(match: re.Match[str]) -> str:
        folder = "lessons/" if match[1] == "lesson" else ""
        return f'href="{root}{folder}{match[2]}{"/" if match[2] else ""}{match[3]}"'

    return re.sub(r'href="(lesson|page):([^"/#?]*+)/?([^"]*+)"', resolved, html)
