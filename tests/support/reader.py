"""What a reader does on a lesson's page: answer its questions, look at its figures, work their controls."""

from __future__ import annotations

from tests.support.browser import Visit
from tests.support.built_site import Html

REVEAL_ALL = "document.querySelectorAll('[data-no-guess]').forEach((button) => button.click())"

# --- questions -------------------------------------------------------------------------------------------------------------------


def questions_of(lesson: Html) -> list[tuple[str, str, str | None]]:
    """(id of the element, kind, figure it reveals)."""
    found = [question.attributes for question in lesson.tree.css("[data-question]")]
    return [(question["id"], question["data-kind"], question.get("data-reveals")) for question in found]


def guess(opened: Visit, question: str, kind: str) -> None:
    """Answer by keyboard, wrongly as likely as not, and commit."""
    first = opened.page.locator(f"#{question} form input").first
    first.focus()
    if kind == "word":
        opened.page.keyboard.type("nonsense")
    else:
        opened.page.keyboard.press("Space" if kind == "choice" else "ArrowRight")
    opened.page.keyboard.press("Enter") if kind != "slider" else opened.page.locator(f"#{question} .commit").press("Enter")


# --- figures ---------------------------------------------------------------------------------------------------------------------

DRAWN = "(id) => !!document.querySelector(`#${id} .figure-canvas.ready canvas`)"
# A chart as a quarter-size grey picture on white, so that a trace of antialiasing left by a redraw does not count as a change.
_PICTURE = """(id) => {
  const canvas = document.querySelector(`#${id} .figure-canvas.ready canvas`);
  if (!canvas || !canvas.width) return null;
  const small = document.createElement("canvas");
  small.width = canvas.width / 4;
  small.height = canvas.height / 4;
  const context = small.getContext("2d", {willReadFrequently: true});
  context.fillStyle = "#fff";
  context.fillRect(0, 0, small.width, small.height);
  context.drawImage(canvas, 0, 0, small.width, small.height);
  const data = context.getImageData(0, 0, small.width, small.height).data;
  let grey = ""; // a character a pixel travels faster than a number
  for (let i = 0; i < data.length; i += 4) grey += String.fromCharCode((2 * data[i] + 5 * data[i + 1] + data[i + 2]) / 8);
  return grey;
}"""
_VISIBLE_DIFFERENCE = 20  # of 255


def live_figures(lesson: Html) -> list[str]:
    return [node.attributes["id"] for node in lesson.tree.css("[data-figure][data-script]")]


def figures_with_controls(lesson: Html) -> dict[str, list[str]]:
    return {
        node.attributes["id"]: [control.attributes["data-control"] for control in node.css("[data-control]")]
        for node in lesson.tree.css("[data-figure][data-script]")
        if node.css("[data-control]")
    }


def differ(one: str, other: str) -> bool:
    """Whether two pictures differ so that one can see it."""
    if one == other or len(one) != len(other):
        return one != other
    return max(abs(a - b) for a, b in zip(one.encode("latin-1"), other.encode("latin-1"), strict=True)) > _VISIBLE_DIFFERENCE


def draw(opened: Visit, figure: str) -> str:
    """Scroll to the figure, wait until it stands still, and return its picture."""
    opened.page.evaluate("(id) => document.getElementById(id).scrollIntoView({behavior: 'instant', block: 'center'})", figure)
    opened.until(DRAWN, figure)
    return still(opened, figure)


def still(opened: Visit, figure: str, unlike: str | None = None, like: str | None = None) -> str:
    """The picture once two looks in a row are the same, and it differs from `unlike` or equals `like` where given."""
    before = None
    for _ in range(150):
        opened.page.wait_for_timeout(80)
        now = opened.page.evaluate(_PICTURE, figure)
        at_rest = now is not None and now == before
        if at_rest and (unlike is None or differ(now, unlike)) and (like is None or not differ(now, like)):
            return now
        before = now
    wanted = "change" if unlike is not None else "come back to what it showed" if like is not None else "come to rest"
    raise AssertionError(f"{figure} does not {wanted} ({opened.page.url}); {opened.problems()}")


def operate(opened: Visit, figure: str, control: str) -> None:
    """Change a control by the keyboard, as its kind is changed."""
    box = opened.page.locator(f"#{figure} [data-control={control}]")
    box.focus()
    kind = box.evaluate("(e) => e.type || e.tagName.toLowerCase()")
    if kind == "checkbox":
        opened.page.keyboard.press("Space")
    elif kind == "range":
        at_end = box.evaluate("(e) => Number(e.value) === Number(e.max)")
        for _ in range(8):
            opened.page.keyboard.press("ArrowLeft" if at_end else "ArrowRight")
    else:
        # the last option is the one least like the first
        last, chosen = box.evaluate("(e) => [e.options.length - 1, e.selectedIndex]")
        box.select_option(index=0 if chosen == last else last)


def value_of(opened: Visit, figure: str, control: str) -> str:
    """What the control says."""
    box = opened.page.locator(f"#{figure} [data-control={control}]")
    return box.evaluate("(e) => e.type === 'checkbox' ? String(e.checked) : e.value")
