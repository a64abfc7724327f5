"""GGUF files opened quickly hold what gguf by itself finds in them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from precompute.models import open_set
from tests.support import ROOT

# Everything that a file says of itself, and the digest of each matrix as it is stored.
CONTENTS = """
import hashlib
def contents(path):
    import gguf
    reader = gguf.GGUFReader(path)
    fields = {
        name: (field.offset, field.data, len(field.parts), [kind.name for kind in field.types], field.contents())
        for name, field in reader.fields.items()
    }
    tensors = [(t.name, t.tensor_type.name, t.shape.tolist(), t.data_offset, hashlib.sha256(t.data).hexdigest()) for t in reader.tensors]
    return hashlib.sha256(repr((fields, tensors)).encode()).hexdigest(), len(fields), len(tensors)
"""


@pytest.fixture(scope="module")
def file() -> Path:
    model = open_set().model("decoder")
    return model.folder / Path(model.spec.path).name


def test_fields_and_matrices_are_those_that_gguf_reads_by_itself(file: Path) -> None:
    environment = {"PATH": "/usr/bin:/bin"}  # without PYTHONPATH, which would bring the change
    code = f"{CONTENTS}\nimport gguf, sys\nprint(contents(sys.argv[1]), gguf.GGUFReader._get.__name__)"
    done = subprocess.run([sys.executable, "-c", code, file], env=environment, cwd="/", capture_output=True, text=True, check=True)
    assert done.stdout.split()[-1] == "_get"
    scope: dict = {}
    exec(CONTENTS, scope)
    found = scope["contents"](file)
    import gguf

    assert gguf.GGUFReader._get.__name__ == "_get_plain"
    assert done.stdout.startswith(f"{found} ") and found[1] > 20 and found[2] == 272


def test_the_table_of_names_is_the_one_that_gguf_makes() -> None:
    import gguf

    kept = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, 30)
    assert gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, 30) is kept
    assert kept.mapping == gguf.TensorNameMap(gguf.MODEL_ARCH.LLAMA, 30).mapping
    assert gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, 12).mapping != kept.mapping


@pytest.mark.parametrize("first", ["", "import gguf", "import importlib.util; importlib.util.find_spec('gguf')"])
def test_it_works_before_and_after_the_import_and_twice(first: str) -> None:
    code = f"""
import sys
{first}
from precompute.quick_gguf import open_gguf_quickly
before = len(sys.meta_path)
open_gguf_quickly(); open_gguf_quickly()
assert ("gguf" in sys.modules) == ({first!r} == "import gguf") and len(sys.meta_path) - before == ("gguf" not in sys.modules)
import gguf
changed = gguf.GGUFReader._get
open_gguf_quickly()
assert gguf.GGUFReader._get is changed and changed.__name__ == "_get_plain"
"""
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env={"PATH": "/usr/bin:/bin"}, check=True)


def test_programs_under_test_start_with_it_and_may_use_it_themselves() -> None:
    code = """
from precompute.quick_gguf import open_gguf_quickly
open_gguf_quickly()
import gguf
print([cell.cell_contents.__name__ for cell in gguf.GGUFReader._get.__closure__])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "['numpy', '_get']", "changed twice"
    code = "import gguf; print(gguf.GGUFReader._get.__name__, 'precompute' in __import__('sys').modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd="/")
    assert done.stdout.split() == ["_get_plain", "False"]


def test_nothing_is_in_the_way_where_there_is_no_gguf() -> None:
    code = f"""
import sys
sys.path[:] = [{str(ROOT)!r}, *(p for p in sys.path if "site-packages" not in p)]
from precompute.quick_gguf import open_gguf_quickly
open_gguf_quickly()
try:
    import gguf
except ModuleNotFoundError:
    print("none")
"""
    done = subprocess.run([sys.executable, "-c", code], env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=True)
    assert done.stdout == "none\n"
