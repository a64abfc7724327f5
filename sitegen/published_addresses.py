"""Readers' links do not break: what was published once stays, or leads on.

`content/published_addresses.txt` lists every page and every anchor that readers may have linked to, below a set's folder, one a line:
`lessons/inside-the-layers/#best-cells`. A build fails where one of them has gone and `content/redirects.toml` does not say where to:

    [[redirect]]
    from = "lessons/old-name/"
    to = "lessons/new-name/"

What was published below a page's folder moves with it, if it has no redirect of its own. A page that moved becomes a small page that
leads on, with what follows `?` and `#`. An anchor that moved stays on its page as a line that shows when a link leads to it, and leads on
too; both work without scripts. `build.py --record-addresses` adds what is new.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from sitegen.link_check import PageLinks
from sitegen.project import Problems, Project, read_entries, read_text

LIST = "published_addresses.txt"
REDIRECTS = "redirects.toml"
ADDRESS = r"^(?:[A-Za-z0-9._-]+/)*(?:#[A-Za-z][A-Za-z0-9_.:-]*)?$"
_LINKED = re.compile(r"exercise-")
"""Anchors that people link to beside sections, figures, claims, terms and works: exercises. What else has an id, such as controls and
descriptions, has it for the page's own use."""

_WITHOUT_PROMISE = {"", "offline/"}
"""The first page needs none, and whether there is reading offline is a setting."""


class Redirect(BaseModel):
    """One `[[redirect]]`: the address that something had, and the one that it has now."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    source: Annotated[str, Field(alias="from", pattern=ADDRESS)]
    target: Annotated[str, Field(alias="to", pattern=ADDRESS)]


@dataclass(frozen=True)
class Redirects:
    """Address -> where it leads now, both below a set's folder; and in which line of the file it stands."""

    targets: dict[str, str] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)

    @property
    def pages(self) -> dict[str, str]:
        """Pages that moved whole."""
        return {source: target for source, target in self.targets.items() if "#" not in source}

    def of_page(self, path: str) -> dict[str, str]:
        """Anchor -> new address, of what moved away from the page, or on it."""
        parts = [(*source.split("#", 1), target) for source, target in self.targets.items() if "#" in source]
        return {anchor: target for page, anchor, target in parts if page == path}


def read_redirects(project: Project, problems: Problems) -> Redirects:
    """`content/redirects.toml`; a project that has moved nothing needs none."""
    path = project.content / REDIRECTS
    found = Redirects()
    if not path.exists():
        return found
    for redirect, line in read_entries(path, problems, "redirect", Redirect):
        if redirect.source in found.targets:
            problems.add(path, line, f"{redirect.source!r} is redirected twice", "Keep one of them.")
        found.targets[redirect.source] = redirect.target
        found.lines[redirect.source] = line
    for address in _listed(project, problems):
        folders = (source for source in found.pages if source and source != address and address.startswith(source))
        above = max(folders, key=len, default=None)
        if above is not None and "#" not in address + found.targets[above] and address not in found.targets:
            found.targets[address] = found.targets[above] + address.removeprefix(above)
            found.lines[address] = found.lines[above]
    for source, target in found.targets.items():
        if target in found.targets:
            cure = f'Write to = "{found.targets[target]}".'
            problems.add(path, found.lines[source], f"{source!r} leads to {target!r}, which is redirected itself", cure)
    return found


def check_redirects(project: Project, redirects: Redirects, links_of: Callable[[str], PageLinks | None], problems: Problems) -> None:
    """Each leads somewhere, and none stands for an address that is still there. links_of: page -> its links, None if it is none."""
    path = project.content / REDIRECTS
    for source, target in redirects.targets.items():
        page, _, anchor = source.partition("#")
        there = links_of(page)
        if anchor and (there is None or page in redirects.pages):
            problems.add(path, redirects.lines[source], f"{page!r} is no page", "Redirect the page: its anchors go with it.")
        elif anchor and anchor in there.repeated:
            cure = "Take the redirect away, or rename what stands there."
            problems.add(path, redirects.lines[source], f"{source!r} is still there", cure)
        if not _is_there(target, redirects, links_of):
            cure = "Correct it, or give this address a redirect of its own."
            problems.add(path, redirects.lines[source], f"{source!r} leads to {target!r}, which is not there", cure)


def check_published(project: Project, redirects: Redirects, links_of: Callable[[str], PageLinks | None], problems: Problems) -> None:
    """No published address has gone. links_of: as above, of the default set with its redirects."""
    path = project.content / LIST
    for line, address in enumerate(_listed(project, problems), start=1):
        if address and not _is_there(address, redirects, links_of):
            page, _, anchor = address.partition("#")
            there = links_of(page)
            near = difflib.get_close_matches(anchor, there.anchors, n=1) if there else []
            now = f"{page}#{near[0]}" if near else "..."
            what = f"{address!r} was published and has gone: readers' links to it would break"
            cure = f'Bring it back, or say in content/{REDIRECTS} where it is now: [[redirect]], from = "{address}", to = "{now}".'
            problems.add(path, line, what, cure)


def _listed(project: Project, problems: Problems) -> list[str]:
    """The published addresses, line by line; a project that has published nothing has no list."""
    path = project.content / LIST
    return (read_text(path, problems, "Restore it.") or "").split("\n") if path.exists() else []


def _is_there(address: str, redirects: Redirects, links_of: Callable[[str], PageLinks | None]) -> bool:
    page, _, anchor = address.partition("#")
    moved = redirects.pages.get(page)
    if moved is not None:
        return _is_there(f"{moved.partition('#')[0]}#{anchor}" if anchor else moved, Redirects(), links_of)
    links = links_of(page)
    return links is not None and (not anchor or anchor in links.anchors)


def addresses_of(pages: dict[str, PageLinks], hrefs: Iterable[str]) -> list[str]:
    """What readers may link to. pages: path below the set's folder ("lessons/x/") -> its links. hrefs: of sections, figures and so on."""
    found = {*pages, *hrefs}
    found |= {f"{path}#{anchor}" for path, links in pages.items() for anchor in links.anchors if _LINKED.match(anchor)}
    return sorted(found - _WITHOUT_PROMISE)


def record(project: Project, addresses: Iterable[str]) -> int:
    """Add to the list what is new; nothing is ever taken from it. Returns how many were."""
    path = project.content / LIST
    before = {line for line in path.read_text(encoding="utf-8").split("\n") if line} if path.exists() else set()
    after = before | set(addresses)
    path.write_text("".join(f"{address}\n" for address in sorted(after)), encoding="utf-8")
    return len(after) - len(before)
