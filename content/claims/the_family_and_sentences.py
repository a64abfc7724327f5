"""The checks behind the claims of the_family_and_sentences.toml: each takes a set's exported data and returns a verdict, a number
and a reason. What papers alone can decide is decided from them, and says so; parameters are counted; an analogue is no verdict."""

from __future__ import annotations

from typing import Any

from artefacts.schemas.family import FamilyModel
from charts.reading import fixed, percent
from sitegen.checking import Data, facts_by_role, graded, real_bert
from sitegen.verdicts import CheckResult

FROM_PAPERS = "nothing: decided from the literature"
PUBLISHED_TOLERANCE = 0.025  # a published share in whole tens of per cent is confirmed if ours is this close


# --- finding things in the data ------------------------------------------------------------------------------------------


def _model(data: Data, name: str) -> FamilyModel:
    return next(model for model in data["bert_family"].models if model.name == name)


def _quality(data: Data, method: str) -> Any:
    return next(quality for quality in data["sentence_search"].quality if quality.method == method)


def _published(data: Data) -> dict[str, float]:
    return {way.kind: way.average for way in data["published_similarity"].ways}


def _first_against_mean(data: Data) -> str:
    """How a search by [CLS] alone and by the mean does in the set's own encoder."""
    first, mean = _quality(data, "encoder_first"), _quality(data, "encoder_mean")
    name = facts_by_role(data)["encoder"].name
    return (
        f"{name}: {percent(first.precision_at_5)} of the five nearest are on the topic by [CLS], {percent(mean.precision_at_5)} by the mean"
    )


def _from_papers(verdict: str, reason: str) -> CheckResult:
    return CheckResult(verdict, FROM_PAPERS, reason)


# --- source 2, in the order of the page -----------------------------------------------------------------------------------


def title_promises_sentence_transformers(data: Data) -> CheckResult:
    """Decided by reading, in every set."""
    return CheckResult(
        "does not hold",
        "nothing: decided by reading",
        "Neither the aims of the module nor any of its sections mentions sentence transformers after the title; this lesson covers them.",
    )


def cls_is_a_summary(data: Data) -> CheckResult:
    """Settled by published values for bert-base; does not hold if [CLS] does worse than averaged static vectors."""
    published = _published(data)
    worse = published["bert_first"] < published["static_mean"]
    ours = _first_against_mean(data)
    numbers = ", ".join(f"{fixed(published[kind], 1)} {name}" for kind, name in (("bert_first", "[CLS]"), ("static_mean", "GloVe")))
    return CheckResult(
        graded(not worse, False),
        f"published: {numbers}" + (f"; ours, {ours}" if real_bert(data) else ""),
        "Compared by cosine, BERT's [CLS] agrees with people far less than the mean of its tokens, and less than averaged GloVe. "
        "With BERT left as it is and a simple classifier on top, [CLS] does as well as the mean (table 5 of the same paper), so what fails "
        "here is the comparison by cosine.",
        None if real_bert(data) else f"{ours}; but this model was trained by its mean, so it cannot judge the claim",
    )


def cls_embeds_the_whole_text(data: Data) -> CheckResult:
    """Caveat, by published values: bad for cosines, good under a trained classifier. Fails if even that were not so."""
    published = _published(data)
    return CheckResult(
        "holds with a caveat" if published["bert_first"] < published["bert_mean"] else "holds",
        f"published: {fixed(published['bert_first'], 1)} for [CLS], {fixed(published['bert_mean'], 1)} for the mean",
        "It is useful once something is trained on top of it, as BERT's authors do; as it comes, without training, the mean of the tokens "
        "compares sentences far better.",
        None if real_bert(data) else f"{_first_against_mean(data)}; a model trained by its mean cannot judge the claim",
    )


def roberta_drops_nsp(data: Data) -> CheckResult:
    return _from_papers("holds", "So says the paper: without it, results stay as they were or get slightly better.")


def roberta_dynamic_masking(data: Data) -> CheckResult:
    return _from_papers(
        "holds", "So says the paper: the places to mask are drawn each time a text is read, where BERT's were drawn beforehand."
    )


def roberta_larger_batches_and_data(data: Data) -> CheckResult:
    return _from_papers("holds", "So says the paper, which also trains for longer.")


def roberta_improves_significantly(data: Data) -> CheckResult:
    return _from_papers(
        "holds with a caveat",
        "The paper reports the best results of its time. Its own reading is that BERT had been trained too little: much of the gain is "
        "more "
        "text and more training, not a better design.",
    )


def distilbert_is_distilled(data: Data) -> CheckResult:
    return _from_papers("holds", "So says the paper: it learns from BERT's predictions and states, and from the text itself.")


def distilbert_keeps_95(data: Data) -> CheckResult:
    return _from_papers(
        "holds with a caveat",
        "The paper says 97%; “over 95%” is the documentation of a library. Either is an average over one benchmark, and tasks differ.",
    )


def distilbert_40_smaller(data: Data) -> CheckResult:
    """Holds if the counted share is within the tolerance of 40%."""
    small, base = _model(data, "DistilBERT").parameters, _model(data, "BERT base").parameters
    saved = 1 - small / base
    return CheckResult(
        graded(abs(saved - 0.4) <= PUBLISHED_TOLERANCE, False),
        f"{percent(saved)} fewer: {fixed(small / 1e6, 1)} against {fixed(base / 1e6, 1)} million",
        "Half of the layers are gone; the table of token vectors stays as large as it was.",
    )


def distilbert_60_faster(data: Data) -> CheckResult:
    """Never judged: times differ from machine to machine."""
    small, base = _model(data, "DistilBERT"), _model(data, "BERT base")
    return CheckResult(
        "not computed here",
        f"{small.layers} layers instead of {base.layers}",
        "Fast and slow depend on the machine, so no verdict is made from times. With half of the layers, each as it was, a text passes "
        "through about half of the arithmetic.",
    )


def albert_reduces_parameters(data: Data) -> CheckResult:
    """Holds if ALBERT base is smaller than BERT base; caveat if the same number of layers is passed, or a larger ALBERT is larger."""
    small, largest, base = (_model(data, name) for name in ("ALBERT base", "ALBERT xxlarge", "BERT base"))
    return CheckResult(
        graded(small.parameters < base.parameters, small.layers == base.layers or largest.parameters > base.parameters),
        f"{fixed(small.parameters / 1e6, 1)} against {fixed(base.parameters / 1e6, 1)} million (base); "
        f"xxlarge {fixed(largest.parameters / 1e6, 0)}",
        "Fewer parameters, not less arithmetic: a text passes through as many layers as in BERT. And the ALBERT with the best results is "
        "larger than BERT base.",
    )


def albert_factorises(data: Data) -> CheckResult:
    model = _model(data, "ALBERT base")
    whole = model.vocabulary * model.width
    two = model.token_parameters + model.embedding_width * model.width
    return CheckResult(
        graded(model.embedding_width < model.width and model.factor_parameters > 0, False),
        f"{fixed(two / 1e6, 2)} instead of {fixed(whole / 1e6, 2)} million",
        f"V = {model.vocabulary:,}, H = {model.width}, E = {model.embedding_width}: V × E + E × H against V × H.",
    )


def albert_shares_layers(data: Data) -> CheckResult:
    model = _model(data, "ALBERT base")
    return CheckResult(
        graded(model.layers_stored == 1, False),
        f"{model.layers} passes, {model.layers_stored} stored layer{'s' * (model.layers_stored != 1)}",
        "The same layer is applied again and again, so depth costs time and no memory.",
    )


def albert_sentence_order(data: Data) -> CheckResult:
    return _from_papers("holds", "So says the paper: two neighbouring pieces of text, and the question whether they were swapped.")


def domain_models_on_own_text(data: Data) -> CheckResult:
    return _from_papers(
        "holds with a caveat",
        "BioBERT goes on from BERT's weights with BERT's vocabulary; SciBERT also exists from scratch with a vocabulary of its own; and "
        "several unrelated models are called FinBERT.",
    )


def domain_models_are_superior(data: Data) -> CheckResult:
    return _from_papers(
        "holds with a caveat",
        "The papers report gains over BERT in their fields, from less than a point for some tasks to many for others.",
    )


def mbert_104_languages(data: Data) -> CheckResult:
    return _from_papers("holds", "So say its authors and those who tested it.")


def mbert_zero_shot(data: Data) -> CheckResult:
    return _from_papers(
        "holds with a caveat",
        "It was found, even between scripts; it works best between languages that are built alike, and badly for some.",
    )


def mbert_no_cross_lingual_objective(data: Data) -> CheckResult:
    return _from_papers("holds", "It is trained like BERT on text of one language at a time; no pair of translations is used.")


def mbert_for_low_resource_languages(data: Data) -> CheckResult:
    return _from_papers(
        "holds with a caveat",
        "Tested inside the languages with the least text, it did much worse than baselines; a BERT of that language alone did worse.",
    )


def choose_by_information_flow(data: Data) -> CheckResult:
    """Decided from the literature; our search is an analogue."""
    names = {role: fact.name for role, fact in facts_by_role(data).items()}
    best = max((_quality(data, m) for m in ("decoder_mean", "decoder_centred", "decoder_last")), key=lambda q: q.precision_at_5)
    encoder, queries = _quality(data, "encoder_mean"), len(data["sentence_search"].queries)
    return CheckResult(
        "holds with a caveat",
        FROM_PAPERS,
        "A fair rule for models as they come out of pre-training. But decoders trained further on pairs of texts are among the best "
        "makers of sentence vectors, so the direction of attention does not decide alone.",
        f"On the topic among five: {names['decoder']} {percent(best.precision_at_5)}, "
        f"{names['encoder']} {percent(encoder.precision_at_5)}; "
        f"queries answered first: {best.targets_first} and {encoder.targets_first} of {queries}",
    )
