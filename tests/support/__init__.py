"""What several test files and the benchmarks share: a local server like the real ones, and a browser that notices everything."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
"""The project's folder."""
