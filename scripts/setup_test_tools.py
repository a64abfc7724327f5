"""Find or install what the tests need beyond pip: a Chromium, Java 17 or newer, and the HTML checker vnu-jar.

Chromium's headless shell, the same engine without the windows around it, is taken where it is at hand: a page opened in it costs a third of
the processor time.

    python scripts/setup_test_tools.py            install what is missing
    python scripts/setup_test_tools.py --check    only say what is here

Chromium, its shell and Java come from the system's packages (apt-get, as root or through sudo), Chromium otherwise from Playwright's own
download; vnu-jar comes from npm at the version that tests/tools/package-lock.json pins. When all is here this takes a fraction
of a second. What cannot be had is named, with what to do about it, and the exit status is 1. Tests import `find_chromium`,
`find_java` and `find_vnu` from here.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TOOLS = Path(__file__).resolve().parent.parent / "tests" / "tools"
JAVA_AT_LEAST = 17
SHELL_NAME = "chromium-headless-shell"
CHROMIUM_NAMES = ("chromium", "google-chrome", "google-chrome-stable", "chromium-browser")


@dataclass(frozen=True)
class Found:
    """A tool that works: the path by which to run it, and its version for people."""

    path: Path
    version: str


# --- finding ---------------------------------------------------------------------------------------------------------------


@cache
def find_chromium() -> Found | None:
    """A browser that Playwright can drive: from PATH, or the one Playwright fetched for itself."""
    candidates = [path for name in CHROMIUM_NAMES if (path := shutil.which(name))]
    for candidate in [*candidates, _playwrights_own()]:
        version = _first_line([candidate, "--version"]) if candidate else None
        # Ubuntu's chromium-browser is a script that only recommends a snap: it fails here
        if version and re.search(r"\d+\.\d+", version):
            return Found(Path(candidate), version.strip())
    return None


@cache
def find_headless_shell() -> Found | None:
    """Chromium without windows, from PATH."""
    path = shutil.which(SHELL_NAME)
    version = _first_line([path, "--version"]) if path else None
    return Found(Path(path), version.strip()) if version else None


@cache
def find_java() -> Found | None:
    """A Java that is new enough for the HTML checker: JAVA_HOME's, then PATH's."""
    at_home = Path(os.environ.get("JAVA_HOME", "/nonexistent")) / "bin" / "java"
    for candidate in (str(at_home) if at_home.is_file() else None, shutil.which("java")):
        version = _first_line([candidate, "-version"]) if candidate else None
        number = re.search(r'version "(\d+)', version or "")
        if number and int(number[1]) >= JAVA_AT_LEAST:
            return Found(Path(candidate), version.strip())
    return None


@cache
def find_vnu() -> Found | None:
    """The checker's jar in tests/tools/, at the locked version."""
    folder = TOOLS / "node_modules" / "vnu-jar"
    jar = folder / "build" / "dist" / "vnu.jar"
    locked = json.loads((TOOLS / "package-lock.json").read_text(encoding="utf-8"))["packages"]["node_modules/vnu-jar"]["version"]
    try:
        installed = json.loads((folder / "package.json").read_text(encoding="utf-8"))["version"]
    except (OSError, ValueError, KeyError):
        return None
    return Found(jar, installed) if installed == locked and jar.is_file() else None


def _playwrights_own() -> str | None:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    root = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH", Path.home() / ".cache" / "ms-playwright"))
    if not root.is_dir():
        return None  # spares the second that starting Playwright costs
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).is_file() else None


def _first_line(command: list[str]) -> str | None:
    """What the command prints first, on either stream; None if it fails."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    lines = (done.stdout + done.stderr).strip().splitlines()
    return lines[0] if lines else None


# --- installing ------------------------------------------------------------------------------------------------------------


class InstallError(Exception):
    """Why a tool cannot be installed here, and what a person can do."""


def install_chromium() -> None:
    """Debian's package; elsewhere (Ubuntu has only a snap) the browser that belongs to Playwright."""
    try:
        if _apt_has("chromium"):
            _apt_install("chromium")
    except InstallError as reason:
        print(f"  {reason}", flush=True)
    find_chromium.cache_clear()
    if find_chromium() is None:
        command = [sys.executable, "-m", "playwright", "install", "chromium"]
        command += ["--with-deps"] if os.geteuid() == 0 or shutil.which("sudo") else []
        _run(command, "Install Chromium or Google Chrome by hand, so that `chromium --version` or `google-chrome --version` works.")


def install_headless_shell() -> None:
    """Debian's package, which other systems do not have. Raises InstallError."""
    if not _apt_has(SHELL_NAME):
        raise InstallError(f"there is no package {SHELL_NAME} for this system.")
    _apt_install(SHELL_NAME)


def install_java() -> None:
    """The system's Java 17, or its default one where that name is unknown. Raises InstallError."""
    name = next((name for name in ("openjdk-17-jre-headless", "default-jre-headless") if _apt_has(name)), "default-jre-headless")
    _apt_install(name)


def install_vnu() -> None:
    """From npm, at the locked version. Raises InstallError."""
    if shutil.which("npm") is None:
        _apt_install("nodejs", "npm")
    npm = shutil.which("npm")
    if npm is None:
        raise InstallError("npm is not here. Install Node.js 18 or newer with npm.")
    _run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], f"Run `npm ci` in {TOOLS} by hand and see why.", cwd=TOOLS)


def _apt_has(package: str) -> bool:
    """Whether apt can install it from the lists it has, which are fetched first if they are empty."""
    if shutil.which("apt-get") is None:
        return False
    _refresh_apt_lists()
    command = ["apt-cache", "policy", package]
    shown = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False).stdout
    return "Candidate:" in shown and "Candidate: (none)" not in shown


@cache
def _refresh_apt_lists() -> None:
    prefix = _root_prefix()
    if prefix is not None:
        subprocess.run([*prefix, "apt-get", "update", "-qq"], stdin=subprocess.DEVNULL, check=False)


def _apt_install(*packages: str) -> None:
    prefix = _root_prefix()
    cure = f"As root: apt-get install {' '.join(packages)}"
    if shutil.which("apt-get") is None:
        raise InstallError("there is no apt-get here. Install it with your system's package manager.")
    if prefix is None:
        raise InstallError(f"only root may install system packages. {cure}")
    environment = [] if not prefix else ["DEBIAN_FRONTEND=noninteractive"]
    command = [*prefix, *environment, "apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    _run(command, cure, env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"})


@cache
def _root_prefix() -> list[str] | None:
    """What to put before a command to run it as root; None if that is not possible without a password."""
    if os.geteuid() == 0:
        return []
    asked = ["sudo", "-n", "true"]
    if shutil.which("sudo") and subprocess.run(asked, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0:
        return ["sudo", "-n"]
    return None


def _run(command: list[str], cure: str, **options: object) -> None:
    print(f"  $ {' '.join(command)}", flush=True)
    try:
        status = subprocess.run(command, stdin=subprocess.DEVNULL, check=False, **options).returncode
    except OSError as error:
        raise InstallError(f"{command[0]} cannot be run: {error.strerror}. {cure}") from error
    if status:
        raise InstallError(f"`{' '.join(command[:4])} ...` ended with status {status}. {cure}")


# --- the command -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tool:
    """Something that tests need beyond pip: how to find it, how to install it, and what happens without it where they can do so."""

    name: str
    needed_for: str
    find: Callable[[], Found | None]
    install: Callable[[], None]
    instead: str = ""


ALL_TOOLS = (
    Tool("Chromium", "the browser tests and the page budgets", find_chromium, install_chromium),
    Tool(
        "Chromium's headless shell",
        "the browser tests, in less time",
        find_headless_shell,
        install_headless_shell,
        instead="they use Chromium itself",
    ),
    Tool(f"Java {JAVA_AT_LEAST} or newer", "the HTML checker", find_java, install_java),
    Tool("vnu-jar", "the HTML checker", find_vnu, install_vnu),
)


def main() -> int:
    """The command. Returns 1 if anything is missing in the end."""
    parser = argparse.ArgumentParser(description="Find or install what the tests need beyond pip.")
    parser.add_argument("--check", action="store_true", help="install nothing; only say what is here")
    only_check = parser.parse_args().check
    with Path(__file__).open(encoding="utf-8") as one_at_a_time:
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX)  # two that install at once would get in each other's way
        missing = [tool.name for tool in ALL_TOOLS if not _have(tool, only_check)]
    if missing:
        print(f"Missing: {', '.join(missing)}. The tests that need them will fail.", file=sys.stderr)
    return 1 if missing else 0


def _have(tool: Tool, only_check: bool) -> bool:
    found = tool.find()
    if found is None and not only_check:
        print(f"{tool.name}: not here, installing", flush=True)
        try:
            tool.install()
        except InstallError as reason:
            print(f"{tool.name}: {reason}", file=sys.stderr)
        tool.find.cache_clear()
        found = tool.find()
    if found is None:
        print(f"{tool.name}: not here, and needed for {tool.needed_for}{tool.instead and f'; {tool.instead}'}", file=sys.stderr)
        return bool(tool.instead)
    print(f"{tool.name}: {found.version}, {found.path}")
    return True


if __name__ == "__main__":
    sys.exit(main())
