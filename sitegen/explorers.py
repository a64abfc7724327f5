"""The explorers: pages under /explore/ where readers put questions of their own. Each is made where a set has the data for it.

The page of an explorer is the template explore_<slug>.html with the scripts that static/js/explore/<slug>.txt lists.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sitegen import attention_explorer, rsa_lab, token_explorer
from sitegen.explorer_inputs import ExplorerInputs
from sitegen.site_data import SetData


def _no_files(_: ExplorerInputs) -> dict[str, bytes]:
    return {}


@dataclass(frozen=True)
class Explorer:
    """line: the page's description, one sentence. questions: some that it answers. wants: what a set must have for it, in words.

    needs: artefacts without which there is no page. may_fetch: others that its scripts fetch where the set has them.
    figure: of a lesson, beside a link to the page.
    """

    slug: str
    title: str
    line: str
    questions: tuple[str, ...]
    wants: str
    needs: tuple[str, ...]
    values: Callable[[ExplorerInputs], dict[str, Any]]  # what the template shows, as `explorer`
    files: Callable[[ExplorerInputs], dict[str, bytes]] = _no_files  # name -> content of what its scripts fetch beside the data
    downloads: Callable[[ExplorerInputs], dict[str, bytes]] = _no_files  # name -> content of what its page links to
    may_fetch: tuple[str, ...] = ()
    figure: str = ""

    @property
    def folder(self) -> str:
        """Its address in a set."""
        return f"explore/{self.slug}/"


EXPLORERS = (
    Explorer(
        slug="tokens",
        title="Any token, and what lies near it",
        line="How any text is cut into tokens, and the exact nearest neighbours of every token of every model here.",
        questions=(
            "Into which pieces does each model cut my text?",
            "Which tokens lie nearest to this one, in each model, and do the models agree?",
            "What does a map of these neighbours keep, and what does it lose?",
        ),
        wants="static word vectors, and vocabularies that the browser knows how to cut with",
        needs=token_explorer.NEEDS,
        figure="neighbours-of-a-word",
        values=token_explorer.explorer_values,
        files=token_explorer.explorer_files,
    ),
    Explorer(
        slug="attention",
        title="Every head, and where it looks",
        line="The attention of every layer and head of both models to the same sentences, down to the numbers a weight is made of.",
        questions=(
            "Which head looks at the word before, at the first token, at the same word again?",
            "What is left of a head when the attention sink is taken out?",
            "If a word is exchanged, which weights change, and which vectors move?",
        ),
        wants="the attention of both networks",
        needs=attention_explorer.NEEDS,
        figure="who-sees-whom",
        values=attention_explorer.explorer_values,
        downloads=attention_explorer.explorer_downloads,
    ),
    Explorer(
        slug="rsa",
        title="Compare spaces with your own words",
        line="Representational similarity analysis of the words and categories that you choose, live, with its tests and intervals.",
        questions=(
            "Which of my words are alike in one space, and which in another?",
            "Do two spaces agree on them, and is that more than chance?",
            "Does a space know my categories, and what changes when a word moves?",
        ),
        wants="the vectors of the lab’s words",
        needs=rsa_lab.NEEDS,
        figure="rsa-by-hand",
        values=rsa_lab.lab_values,
        files=rsa_lab.lab_files,
        may_fetch=rsa_lab.MAY_FETCH,
    ),
)
"""In the order in which /explore/ lists them."""


def explorers_of(data: SetData) -> tuple[str, ...]:
    """Slugs of the explorers for which the set holds everything."""
    return tuple(explorer.slug for explorer in EXPLORERS if all(name in data for name in explorer.needs))
