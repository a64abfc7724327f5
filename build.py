"""Build the site: `python build.py` renders everything in content/ into site/.

    content/data/<set>/*.json -> charts/ -> sitegen/ -> site/

Needs requirements-site.txt only: no torch, no Node, no browser. `--serve` watches the sources, rebuilds and reloads the page.
"""

from __future__ import annotations

import argparse
import gc
import os
import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from sitegen.last_build import KEPT, LastBuild

os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # or it looks through all installed packages for one

if TYPE_CHECKING:
    from sitegen.project import Project
    from sitegen.site import BuildOptions, BuildReport


def run() -> int:
    """The command as it is typed: `main`, unless there is nothing to build. Loads nothing else before it knows."""
    started = time.perf_counter()
    options = _parse(None)
    if options.serve is not None or options.record_addresses:
        return main()
    if not (options.project / KEPT).exists():  # a first build draws everything
        from sitegen.drawing_processes import load_for_drawing

        load_for_drawing()
    said = (options.set, options.base_url or "", options.repository or "", *options.notice)
    last = LastBuild(options.project, options.out, said)
    if last.is_current():
        _say(f"{options.out}/: nothing has changed since the last build, {time.perf_counter() - started:.2f} s")
        return 0
    last.forget()
    status = main()
    if status == 0:
        last.remember()
    return status


def main(arguments: list[str] | None = None) -> int:
    """The command. Returns the exit status: 0; 1 with every problem named on standard error; 130 when interrupted."""
    from sitegen.project import Project
    from sitegen.site import BuildOptions

    options = _parse(arguments)
    project = Project(options.project.resolve())
    build = BuildOptions(
        out=options.out,
        set_name=options.set,
        base_url=options.base_url,
        jobs=options.jobs,
        repository=options.repository,
        notices=tuple(options.notice),
        record_addresses=options.record_addresses,
    )
    if options.serve is not None:
        from sitegen.serve import serve

        return serve(project, build, options.serve)
    return build_and_report(project, build)


def build_and_report(project: Project, options: BuildOptions) -> int:
    """Build once and print what was made, or every problem. Returns the exit status."""
    from problems import ProjectError
    from sitegen.site import build_site

    try:
        report = build_site(project, options)
    except ProjectError as error:
        print(f"{error}\n", file=sys.stderr)
        count = len(error.problems)
        print(f"{count} problem{'s' if count > 1 else ''}. Nothing was published; the site is as it was.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted. The site is as it was.", file=sys.stderr)
        return 130
    _say(_summary(report, options.out))
    if options.record_addresses:
        _say(f"content/published_addresses.txt: {report.recorded} new")
    return 0


def _summary(report: BuildReport, out: Path) -> str:
    page, size = report.largest_page
    return (
        f"{out}/: {report.pages} pages, {report.figures} figures ({report.figures_drawn} drawn now), {report.files:,} files, "
        f"{report.bytes / 1e6:.1f} MB, {report.seconds:.2f} s\nlargest page: {page}, {size / 1e3:.0f} KB"
    )


def _say(text: str) -> None:
    """Print, though whoever listened may have gone (`build.py | head -1`): the site is in its place all the same."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python would try once more at its end


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="build.py", description="Render content/ into a static site.")
    parser.add_argument("--out", type=Path, default=Path("site"), metavar="DIR", help="where the site goes (default: site)")
    parser.add_argument("--set", default="all", metavar="NAME", help="one set of models, or all that have data (default: all)")
    parser.add_argument("--base-url", type=_address, metavar="URL", help="the site's address, for canonical links, sitemap and embed codes")
    parser.add_argument(
        "--repository", type=_repository, metavar="URL", help="the GitHub one where readers report errors (default: content/site.toml's)"
    )
    parser.add_argument(
        "--serve", nargs="?", type=_port, const=8000, metavar="PORT", help="serve, watch, rebuild and reload (default: 8000)"
    )
    parser.add_argument("--notice", action="append", default=[], metavar="TEXT", help="say this on the first page and /models/")
    parser.add_argument(
        "--jobs", type=_count, default=os.cpu_count() or 1, metavar="N", help="processes for figures and lessons (default: all cores)"
    )
    parser.add_argument(
        "--record-addresses", action="store_true", help="add what is new to content/published_addresses.txt, for links that do not break"
    )
    parser.add_argument("--project", type=Path, default=Path(__file__).parent, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.serve is not None and options.record_addresses:
        parser.error("--record-addresses is for a build that is published, not for --serve; give one of them")
    return options


def _address(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s/?#\"'<>]+(/[^\s?#\"'<>]*)?", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no address of a site; write it like https://user.github.io/repository/")
    return text.rstrip("/") + "/"


def _repository(text: str) -> str:
    from sitegen.project import REPOSITORY

    if not re.fullmatch(REPOSITORY, text.removesuffix("/")):
        raise argparse.ArgumentTypeError(f"{text!r} is no address of a repository; write it like https://github.com/user/repository")
    return text.removesuffix("/")


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of processes; write 1 or more")
    return int(text)


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; write 1024 to 65535, or 0 for one that is free")
    return int(text)


if __name__ == "__main__":
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # or it looks through all installed packages for some
    gc.disable()  # a build is short and frees little before its end; collecting costs a tenth of a warm one
    try:
        status = run()
    except KeyboardInterrupt:  # before or after the build itself, which says what became of the site
        print("\nInterrupted.", file=sys.stderr)
        status = 130
    if "multiprocessing" not in sys.modules:  # no process to wait for; clearing up what ends anyway would take a tenth of a warm build
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    gc.freeze()  # or Python would look through all that was built for garbage, as its last act
    sys.exit(status)
