"""Addresses by somebody who means harm: whatever they carry becomes text in the page, never an element or a script."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.support.browser import visit

HOSTILE = "</script><img src=x onerror=\"window.harmed=1\"><svg onload='window.harmed=1'>{{7*7}}\u202e\x07\u2028javascript:window.harmed=1"
SETTINGS = {
    "lessons/who-lives-next-door/": "version neighbours-of-a-word.word offset-moves-cosine.target two-vectors.model two-vectors.pair",
    "claims/": "version verdict source lesson q",
    "search/": "q",
    "explore/tokens/": "token trail map by folded space around text with",
    "explore/attention/": "sentence model decoder encoder token row key query show of sink order change",
    "explore/rsa/": "words set first second measure order scale coefficient shuffle",
}
STATE = """() => ({
  harmed: window.harmed || 0,
  scripts: document.scripts.length,
  foreign: document.querySelectorAll("[onerror], [onload], img[src='x'], a[href^='javascript:' i], iframe, object, embed, base").length,
})"""


@pytest.mark.parametrize("page", SETTINGS)
def test_an_address_brings_no_element_and_no_script(browser, site_server, page: str):
    """Each setting of a page filled with markup, in the query and after the hash: no dialog, no report of the policy, no new element."""
    dialogs = []
    found = []
    for address in ("", "?" + "&".join(f"{name}={quote(HOSTILE)}" for name in SETTINGS[page].split()) + "#" + quote(HOSTILE)):
        with visit(browser, site_server.url + page + address) as opened:
            opened.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
            opened.quiet()
            found.append(opened.page.evaluate(STATE))
            assert opened.problems() == []
    assert dialogs == []
    assert found[1] == found[0] | {"harmed": 0, "foreign": 0}
