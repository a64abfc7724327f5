"""What the page /explore/tokens/ shows before a script runs, and the settings from which its scripts go on."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from artefacts.neighbour_lists import lists_of_shard
from artefacts.packing import dequantise, pack, smallest_unsigned, unpack
from artefacts.registry import SHARDS
from artefacts.schemas.explore import ExplorerExtremes, ExplorerSpaces, LiveTokenizer
from artefacts.schemas.parts import Role, TokenRef
from artefacts.shard_names import shard_name
from artefacts.tokens import token_text
from sitegen.explorer_inputs import ExplorerInputs
from sitegen.site_data import SetData
from sitegen.token_chip import token_chip

ROLES: tuple[Role, ...] = ("decoder", "encoder", "static")
TOKENIZERS = ("gpt2", "bert", "decoder", "encoder")
FIRST_WORDS = ("coffee", "river", "house", "time")  # the page opens with the first of them that there is
EXTREMES_NOTES = {
    "centroid": "The Euclidean distance to the mean of all rows. In some models tokens that training hardly moved gather there; in others "
    "these are words like any other.",
    "longest": "The length of the vector.",
    "shortest": "The length of the vector.",
    "isolated": "The cosine with the nearest other token. Whole words only.",
}


def explorer_values(inputs: ExplorerInputs) -> dict[str, Any]:
    """What the template shows."""
    data, kinds, names = inputs.data, inputs.kinds, inputs.names
    spaces: ExplorerSpaces = data["explorer_spaces"]
    words = spaces.static_words.split("\n")
    first = _first_tokens(data, words)
    rows = _tokenizer_rows(data, spaces)
    settings = {
        "data": inputs.data_href,
        "beside": inputs.beside_href,
        "title": inputs.title,
        "first": f"d{first['decoder']}",
        "detailedWords": spaces.detailed_words,
        "spaces": [_space_settings(data, role, names, kinds, rows) for role in ROLES],
    }
    vocabularies = {"static": words} | {role: data[f"vocabulary_{role}"].tokens for role in ("decoder", "encoder")}
    return {
        "settings_json": json.dumps(settings, ensure_ascii=True),
        "example_text": spaces.example_text,
        "tokenizers": rows,
        "columns": [_column(data, role, first[role], vocabularies[role], kinds[role], names[role]) for role in ROLES],
        "detailed_words": spaces.detailed_words,
        "extremes": _extremes(data["explorer_extremes"], kinds, names),
        "compared": _compared(data["explorer_extremes"], kinds),
        "static_words": len(words),
        "rules": _rules(spaces, names),
        "maps": [{"name": method.name, "settings": method.settings} for method in data["word_map_decoder"].methods],
    }


def explorer_files(inputs: ExplorerInputs) -> dict[str, bytes]:
    """What lies beside the page: name -> content."""
    return {"spaces.json": spaces_file(inputs.data, inputs.kinds)}


def spaces_file(data: SetData, kinds: dict[str, str]) -> bytes:
    """What the page fetches to know the spaces: `explorer_spaces` without the example, and with its words told by ids.

    The page holds the vocabularies anyway. A word is the text of the encoder's token of that id, without its space and in lower case, or,
    where the id is the size of the encoder's vocabulary, that of the next of the decoder's tokens.
    """
    spaces: ExplorerSpaces = data["explorer_spaces"]
    tokens = {role: data[f"vocabulary_{role}"].tokens for role in ("encoder", "decoder")}
    encoder_ids, decoder_ids = (
        {token_text(raw, kinds[role]).removeprefix(" ").lower(): i for i, raw in reversed(list(enumerate(tokens[role])))} for role in tokens
    )
    elsewhere = len(tokens["encoder"])
    words = spaces.static_words.split("\n")
    coded = {
        "encoder": [encoder_ids.get(word, elsewhere) for word in words],
        "decoder": [decoder_ids[word] for word in words if word not in encoder_ids],
    }
    packed = {role: pack(np.array(ids, dtype=smallest_unsigned(len(tokens[role])))).model_dump() for role, ids in coded.items()}
    told = {"spaces": [space.model_dump() for space in spaces.spaces], "static_words": packed}
    return json.dumps(told, separators=(",", ":"), ensure_ascii=False).encode("utf-8")


def _first_tokens(data: SetData, words: list[str]) -> dict[Role, int]:
    """The token of the first word in each space."""
    ids = {role: unpack(data[f"word_details_{role}"].ids).tolist() for role in ROLES}
    row_of = {words[row]: place for place, row in enumerate(ids["static"])}
    place = next((row_of[word] for word in FIRST_WORDS if word in row_of), 0)
    return {role: ids[role][place] for role in ROLES}


def _space_settings(data: SetData, role: Role, names: dict[str, str], kinds: dict[str, str], rows: list[dict[str, Any]]) -> dict[str, Any]:
    lists, facts, details = (data[f"{artefact}_{role}"] for artefact in ("neighbours", "token_facts", "word_details"))
    return {
        "role": role,
        "letter": role[0],
        "name": names[role],
        "kind": kinds[role],
        "size": facts.items,
        "vocabulary": next((row["artefact"] for row in rows if role in row["roles"]), None),
        "wordsOf": None if role != "static" else {of: row["artefact"] for row in rows for of in row["roles"]},
        "k": lists.k,
        "shardTokens": lists.shard_tokens,
        "distanceStep": lists.distance_step,
        "factsShardTokens": facts.shard_items,
        "normMax": facts.norm_max,
        "detailShardWords": details.shard_items,
    }


def _tokenizer_rows(data: SetData, spaces: ExplorerSpaces) -> list[dict[str, Any]]:
    """One row a vocabulary: where two tokenizers are the same, one row names both."""
    cuts = {cut.tokenizer: cut.tokens for cut in spaces.example_cuts}
    tokenizers: dict[str, LiveTokenizer] = {key: data[f"live_tokenizer_{key}"] for key in TOKENIZERS}
    rows = []
    for key, live in tokenizers.items():
        if live.same_as is not None:
            continue
        users = [user for user, other in tokenizers.items() if key in (user, other.same_as)]
        roles = [user for user in users if user in ROLES]
        rows.append(
            {
                "artefact": f"live_tokenizer_{key}",
                "name": " and ".join(dict.fromkeys(tokenizers[user].name for user in users)),
                "roles": roles,
                "size": live.size,
                "kind": {"byte_level_bpe": "byte-level BPE", "wordpiece": "WordPiece"}[live.kind],
                "tokens": [{"id": token.id, "chip": token_chip(token.raw, live.kind, next(iter(roles), None))} for token in cuts[key]],
            }
        )
    return rows


def _shard(data: SetData, artefact: str, item: int, in_shard: int) -> tuple[Any, int]:
    path = data.folder / artefact / shard_name(item // in_shard)
    return SHARDS[artefact].model_validate_json(path.read_bytes()), item % in_shard


def _column(data: SetData, role: Role, token_id: int, tokens: list[str], kind: str, name: str) -> dict[str, Any]:
    """The list of the first token in one space."""
    index, facts = data[f"neighbours_{role}"], data[f"token_facts_{role}"]
    shard, row = _shard(data, f"neighbours_{role}", token_id, index.shard_tokens)
    lists = lists_of_shard(index, shard)
    facts_shard, facts_row = _shard(data, f"token_facts_{role}", token_id, facts.shard_items)
    norm, rank, in_degree, _ = unpack(facts_shard.facts)[:, facts_row].tolist()
    return {
        "role": role,
        "name": name,
        "chip": token_chip(tokens[token_id], kind, role),
        "id": token_id,
        "norm": float(dequantise(np.array(norm), 0, facts.norm_max)),
        "rank": rank,
        "tokens": facts.items,
        "in_degree": in_degree,
        "neighbours": [
            {"chip": token_chip(tokens[i], kind, role), "cosine": float(cosine), "degrees": float(np.degrees(np.arccos(cosine)))}
            for i, cosine in zip(lists.ids[row].tolist(), lists.cosines[row], strict=True)
        ],
    }


def _chip_link(token: TokenRef, role: Role, kind: str) -> dict[str, Any]:
    return {"code": f"{role[0]}{token.id}", "chip": token_chip(token.raw, kind, role), "plain": token_text(token.raw, kind)}


def _extremes(extremes: ExplorerExtremes, kinds: dict[str, str], names: dict[str, str]) -> list[dict[str, Any]]:
    """One group a list, with one column a space."""
    groups = []
    for place, first in enumerate(extremes.spaces[0].lists):
        columns = [
            {
                "role": space.role,
                "name": names[space.role],
                "tokens": [
                    _chip_link(entry.token, space.role, kinds[space.role]) | {"value": entry.value} for entry in space.lists[place].tokens
                ],
            }
            for space in extremes.spaces
        ]
        groups.append({"title": first.title, "note": EXTREMES_NOTES[first.name], "columns": columns})
    return groups


def _compared(extremes: ExplorerExtremes, kinds: dict[str, str]) -> dict[str, Any]:
    def words(entries: list[Any]) -> list[dict[str, Any]]:
        return [
            _chip_link(entry.decoder, "decoder", kinds["decoder"]) | {"correlation": entry.correlation, "shared": entry.shared_neighbours}
            for entry in entries
        ]

    return {
        "words": extremes.compared_words,
        "k": extremes.k,
        "alike": words(extremes.most_alike),
        "different": words(extremes.most_different),
        "mean_correlation": extremes.mean_correlation,
        "mean_shared": extremes.mean_shared,
        "by_chance": extremes.shared_by_chance,
    }


def _rules(spaces: ExplorerSpaces, names: dict[str, str]) -> list[dict[str, Any]]:
    """How many tokens of each space carry a mark, and by what rule."""
    return [
        {"name": names[space.role], "role": space.role, "mark": mark.mark, "rule": mark.rule, "count": len(mark.ids)}
        for space in spaces.spaces
        for mark in space.marks
        if mark.ids
    ]
