"""What axe, the checker of accessibility, finds on an open page."""

from __future__ import annotations

from collections.abc import Iterable

from axe_playwright_python.sync_playwright import Axe

from tests.support.browser import Visit

AXE = Axe().axe_script
WCAG = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
"""The rules whose outcome a theme can change: themes exchange colours, and pictures for pictures. They take most of axe's time."""

# axe takes its time over each element, and the hundredth row of a table is built like the eighth.
DROP_LATER_ROWS = "document.querySelectorAll('tbody tr:nth-child(n+9)').forEach((row) => row.remove())"
RUN_AXE = """async ([include, options]) => {
  const found = await axe.run(include.length ? {include} : document, options);
  return found.violations;
}"""


def accessibility_problems(opened: Visit, state: str, rules: dict = WCAG, but: Iterable[str] = (), places: Iterable[str] = ()) -> list[str]:
    """What axe finds, one line a place. but: rules left out; places: selectors of what is looked at, everything by default."""
    if not opened.page.evaluate("'axe' in window"):
        opened.page.evaluate(AXE)
    options = {
        "runOnly": rules,
        "rules": {rule: {"enabled": False} for rule in but},
        "resultTypes": ["violations"],  # only these are worked out in full, which halves the time
        "preload": False,  # the style sheet is already there
    }
    return [
        f"{state}: {rule['id']}: {rule['help']}: {node['target']} {'; '.join(check['message'] for check in node.get('any', []))}"
        for rule in opened.page.evaluate(RUN_AXE, [list(places), options])
        for node in rule["nodes"][:3]
    ]
