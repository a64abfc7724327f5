"""python -m precompute: from models to content/data/<set>/*.json.

python -m precompute                          make what is out of date, for the default set
python -m precompute --only norms variants    these artefacts only
python -m precompute --list                   artefacts, and which of them are up to date
python -m precompute --sentence "A text."      add a sentence of your own to the attention explorer; with a second text, a pair
python -m precompute models                   every model of every set, and whether it is here
python -m precompute check --set gpt2-bert    whether published figures are found again in the exported data
python -m precompute compare DIR_A DIR_B      what moved between two exports, and whether it is within the tolerances
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from precompute.model_specs import DEFAULT_SET
from problems import Problem, ProjectError

if TYPE_CHECKING:
    from precompute.workspace import Workspace

ROOT = Path(__file__).resolve().parent.parent


def main(arguments: list[str] | None = None) -> int:
    """Exit status: 0; 1 with every problem listed; 2 where the command makes no sense; 130 when interrupted."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.folders and options.command != "compare":
        parser.error(f"{options.folders[0]}: only compare takes folders; --set names a set, --data-dir says where the data are")
    try:
        if options.command == "models":
            return _list_models(options)
        if options.command == "compare":
            return _compare(options)
        if options.command == "check":
            return _check(options)
        return _add_sentence(options) if options.sentence else _precompute(options)
    except ProjectError as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        count = len(error.problems)
        print(f"{count} problem{'s' * (count != 1)}. What was written before is still there.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted. What was written before is still there.", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m precompute", description="From models to content/data/<set>/*.json.")
    commands = "models: list the models, of all sets or of the one named. check: hold the set's data against published figures. "
    commands += "compare: what moved between two exports, and whether another machine, library version or number of threads may move it so "
    commands += "far. Without a command, data are exported"
    parser.add_argument("command", nargs="?", choices=["models", "check", "compare"], help=commands)
    parser.add_argument("folders", nargs="*", type=Path, metavar="DIR", help="for compare: two folders of exported data")
    parser.add_argument("--set", metavar="NAME", help=f"which set of models (default: {DEFAULT_SET}; models: all)")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--only", nargs="+", metavar="ARTEFACT", help="make these artefacts only")
    what.add_argument(
        "--sentence", nargs="+", metavar="TEXT", help="add a sentence, or a pair of two, to the attention explorer; nothing else is made"
    )
    parser.add_argument("--list", action="store_true", help="list the artefacts and whether they are up to date")
    parser.add_argument("--models-dir", type=Path, metavar="DIR", help="folder with one subfolder per model, in place of the Hub")
    parser.add_argument("--offline", action="store_true", help="never use the network")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="where <set>/ is written (default: content/data)")
    parser.add_argument("--sets-file", type=Path, metavar="FILE", help="a TOML with further sets")
    parser.add_argument("--force", action="store_true", help="make everything again, up to date or not (measured times excepted)")
    return parser


def _workspace(options: argparse.Namespace) -> Workspace:
    from precompute.models import open_set
    from precompute.quick_gguf import open_gguf_quickly
    from precompute.workspace import Workspace

    open_gguf_quickly()
    models = open_set(
        options.set or DEFAULT_SET, models_dir=options.models_dir, offline=options.offline, sets_file=options.sets_file
    )
    data_dir = (options.data_dir or ROOT / "content" / "data") / models.name
    return Workspace(models, data_dir, words_dir=ROOT / "content" / "words")


def _precompute(options: argparse.Namespace) -> int:
    from precompute.run import chosen_exporters, is_for, is_up_to_date, run

    chosen_exporters(options.only)  # an unknown name is reported before anything is opened
    work = _workspace(options)
    if options.list:
        for exporter in chosen_exporters(options.only):
            status = "up to date" if is_up_to_date(exporter, work) else "to be made"
            print(f"{exporter.artefact:<32}{status if is_for(exporter, work) else 'left out: the set has no static vectors'}")
        return 0
    started, written, total_bytes = time.perf_counter(), 0, 0
    for outcome in run(work, options.only, force=options.force):
        if outcome.reason:
            print(f"{outcome.artefact:<32}{outcome.what}: {outcome.reason}", flush=True)
            continue
        print(f"{outcome.artefact:<32}{outcome.what:<10}{outcome.bytes / 1000:>10,.1f} KB{outcome.seconds:>8.2f} s", flush=True)
        written += outcome.what == "written"
        total_bytes += outcome.bytes
    print(f"{work.model_set.name}: {written} written, {total_bytes / 1e6:.1f} MB in all, {time.perf_counter() - started:.1f} s")
    return 0 if options.only else _checked(work, at_end_of_run=True)


def _checked(work: Workspace, at_end_of_run: bool = False) -> int:
    """Hold the data against published figures, where there are any about the set's models. Exit status."""
    from precompute.acceptance.checks import figures_about, print_checks, run_checks

    figures = figures_about(work.model_set)
    if not figures:
        if not at_end_of_run:
            print(f"{work.model_set.name}: no published figure is about its models or tokenizers.")
        return 0
    return 0 if print_checks(run_checks(work.data_dir, figures), work.model_set.name) else 1


def _add_sentence(options: argparse.Namespace) -> int:
    from precompute.attention import own_texts
    from precompute.attention.sentences import check_lengths
    from precompute.attention.texts import Text
    from precompute.context.networks import readers
    from precompute.run import run

    texts = [" ".join(text.split()) for text in options.sentence]
    if len(texts) > 2 or not all(texts):
        cure = 'Put quotes around it: --sentence "All of it." For a pair: --sentence "The first." "The second."'
        raise ProjectError(Problem("--sentence", None, f"was given {len(texts)} texts; it takes one, or two that form a pair", cure))
    work, text = _workspace(options), Text(*texts)
    check_lengths(readers(work), [text])  # before the networks are opened, which takes a while
    own_texts.add(work, text)
    for outcome in run(work, [own_texts.ARTEFACT], force=True):
        print(f"{outcome.artefact}: {len(own_texts.kept(work))} in all, {outcome.bytes / 1000:,.1f} KB, {outcome.seconds:.1f} s")
    folder = "" if work.model_set.name == DEFAULT_SET else f"sets/{work.model_set.name}/"
    print(f"Now run build.py and open {folder}explore/attention/?sentence={own_texts.name_of(text)}")
    return 0


def _list_models(options: argparse.Namespace) -> int:
    from precompute.model_table import print_models

    print_models(options.set, models_dir=options.models_dir, sets_file=options.sets_file)
    return 0


def _check(options: argparse.Namespace) -> int:
    work = _workspace(options)
    if not work.data_dir.is_dir():
        cure = f"Export it first: python -m precompute --set {work.model_set.name}"
        raise ProjectError(Problem(str(work.data_dir), None, "holds no exported data", cure))
    return _checked(work)


def _compare(options: argparse.Namespace) -> int:
    from precompute.compare_exports import print_comparison

    if len(options.folders) != 2:
        cure = "python -m precompute compare DIR_A DIR_B, for example content/data/smollm2-minilm and a copy made elsewhere."
        raise ProjectError(Problem("compare", None, f"was given {len(options.folders)} folders; it takes two", cure))
    return 0 if print_comparison(*options.folders) else 1


if __name__ == "__main__":
    sys.exit(main())
