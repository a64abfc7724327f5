"""The explorers: pages under /explore/ where readers put questions of their own. Each is made where a set has the data for it.

The page of an explorer is the template explore_<slug>.html with the scripts that static/js/explore/<slug>.txt lists.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sitegen.site_data import SetData

if TYPE_CHECKING:
    from sitegen.explorer_inputs import ExplorerInputs


@dataclass(frozen=True)
class Explorer:
    """line: the page's description, one sentence. questions: some that it answers. wants: what a set must have for it, in words.

    needs: artefacts without which there is no page. may_fetch: others that its scripts fetch where the set has them.
    figure: of a lesson, beside a link to the page. module: of this package, which makes it; loaded only when it has to be made.
    """

    slug: str
    title: str
    line: str
    questions: tuple[str, ...]
    wants: str
    needs: tuple[str, ...]
    module: str
    may_fetch: tuple[str, ...] = ()
    figure: str = ""

    @property
    def folder(self) -> str:
        """Its address in a set."""
        return f"explore/{self.slug}/"

    def values(self, inputs: ExplorerInputs) -> dict[str, Any]:
        """What the template shows, as `explorer`."""
        return self._call("explorer_values", inputs)

    def files(self, inputs: ExplorerInputs) -> dict[str, bytes]:
        """Name -> content of what its scripts fetch beside the data."""
        return self._call("explorer_files", inputs)

    def downloads(self, inputs: ExplorerInputs) -> dict[str, bytes]:
        """Name -> content of what its page links to."""
        return self._call("explorer_downloads", inputs)

    def _call(self, name: str, inputs: ExplorerInputs) -> dict[str, Any]:
        """What the module's function of that name makes; nothing where it has none."""
        function = getattr(importlib.import_module(f"sitegen.{self.module}"), name, None)
        return function(inputs) if function else {}


_BY_ROLE = ("neighbours", "token_facts", "word_details", "word_map")

EXPLORERS = (
    Explorer(
        slug="tokens",
        title="Any token, and what lies near it",
        line="How any text is cut into tokens, and the exact nearest neighbours of every token, in each model here.",
        questions=(
            "Into which pieces does each model cut my text?",
            "Which tokens lie nearest to this one, in each model, and do the models agree?",
            "What does a map of these neighbours keep, and what does it lose?",
        ),
        wants="static word vectors, and vocabularies that the browser knows how to cut with",
        needs=(
            "explorer_spaces",
            "explorer_extremes",
            *(f"live_tokenizer_{name}" for name in ("gpt2", "bert", "decoder", "encoder")),
            *(f"{artefact}_{role}" for artefact in _BY_ROLE for role in ("decoder", "encoder", "static")),
        ),
        module="token_explorer",
        figure="neighbours-of-a-word",
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
        needs=("attention_heads", "attention_sentences", "own_sentences"),
        module="attention_explorer",
        figure="who-sees-whom",
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
        needs=(
            "lab_words",
            *(f"lab_vectors_{role}_{depth}" for role in ("decoder", "encoder") for depth in ("static", "third", "two_thirds", "last")),
            "rsa_similarities",
            "rsa_agreement",
            "rsa_inference",
        ),
        module="rsa_lab",
        figure="rsa-by-hand",
        may_fetch=("lab_vectors_static", "live_tokenizer_decoder", "live_tokenizer_encoder"),
    ),
)
"""In the order in which /explore/ lists them."""


def explorers_of(data: SetData) -> tuple[str, ...]:
    """Slugs of the explorers for which the set holds everything."""
    return tuple(explorer.slug for explorer in EXPLORERS if all(name in data for name in explorer.needs))
