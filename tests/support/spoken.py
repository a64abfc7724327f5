"""What a screen reader is given: the accessibility tree that Chromium makes, and what live regions say."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from tests.support.browser import Visit

_LISTEN = """() => {
  window.__said = [];
  const heard = new Map();
  const read = (region) => {
    const text = region.hidden ? "" : region.textContent.trim().replace(/\\s+/g, " ");
    if (text !== (heard.get(region) ?? "")) { heard.set(region, text); if (text) window.__said.push(text); }
  };
  const regions = () => document.querySelectorAll("[role=status], [role=alert], [aria-live]");
  regions().forEach((region) => heard.set(region, region.textContent.trim().replace(/\\s+/g, " ")));
  const all = {subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ["hidden"]};
  new MutationObserver(() => regions().forEach(read)).observe(document.body, all);
}"""


def listen(page: Page) -> None:
    """Begin to write down what live regions say."""
    page.evaluate(_LISTEN)


def said(page: Page) -> list[str]:
    """What they said since the last time."""
    return page.evaluate("() => window.__said.splice(0)")


def focused(page: Page) -> dict[str, Any]:
    """The focused element as the accessibility tree has it: role, name, and the name of the option that is read in its place, or None."""
    session = page.context.new_cdp_session(page)
    try:
        nodes = {node["nodeId"]: node for node in session.send("Accessibility.getFullAXTree")["nodes"]}
        flags = {key: {entry["name"]: entry["value"] for entry in node.get("properties", [])} for key, node in nodes.items()}
        focus = [key for key, found in flags.items() if found.get("focused", {}).get("value")]
        own = next(key for key in focus if nodes[key]["role"]["value"] != "RootWebArea")
        related = flags[own].get("activedescendant", {}).get("relatedNodes", [])
        behind = {node.get("backendDOMNodeId"): node for node in nodes.values() if not node.get("ignored")}
        option = behind.get(related[0]["backendDOMNodeId"]) if related else None
        name = option and (option["role"]["value"], option["name"]["value"])
        return {"role": nodes[own]["role"]["value"], "name": nodes[own]["name"]["value"], "active": name}
    finally:
        session.detach()


def told(opened: Visit, picture: str) -> str:
    """What a picture with a cursor of its own tells of the place under it."""
    return opened.page.locator(picture).evaluate("(p) => document.getElementById(p.getAttribute('aria-activedescendant')).textContent")
