"""Links with which a reader reports an error in a figure or a claim: a new issue on GitHub, its form filled in as far as it is known.

The fields are those of `.github/ISSUE_TEMPLATE/error.yml`. What the reader has chosen in a figure is added by the page's script.
"""

from __future__ import annotations

from urllib.parse import urlencode

FORM = "error.yml"


def report_url(repository: str | None, *, what: str, name: str, page: str, set_name: str, edition: str) -> str | None:
    """The address of the new issue; None for a site whose repository is not known.

    what: "figure" or "claim". name: its id. page: where it stands, absolute or below the site's root.
    """
    if repository is None:
        return None
    part = f"{what} {name}"
    fields = {"template": FORM, "title": f"Error in {part}", "page": page, "part": part, "set": set_name, "version": edition}
    return f"{repository}/issues/new?{urlencode(fields)}"
