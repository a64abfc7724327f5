"""What the page of an explorer is made from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sitegen.site_data import SetData


@dataclass(frozen=True)
class ExplorerInputs:
    """content: the project's folder of that name. data_href: from the page to the folder of the set's data, with a slash at its end.
    beside_href: to the folder of what the explorer's `files` made. title: the page's. scripts: file name -> its address from the page, of
    the explorers' joined scripts. citation: how to cite the page.
    """

    data: SetData
    content: Path
    kinds: dict[str, str]  # role -> kind of token
    names: dict[str, str]  # role -> short name of the model
    data_href: str
    title: str
    scripts: dict[str, str]
    citation: str
    beside_href: str = ""
