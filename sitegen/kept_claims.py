"""What the checks of the claims found, kept from build to build: they run again only where claims, code or data have changed."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import asdict

from sitegen.build_cache import BuildCache
from sitegen.claims import CheckedClaim, Checks, Ledger, check_claims, load_checks
from sitegen.code_digest import code_digest, version_of
from sitegen.project import Problems, Project, digest
from sitegen.site_data import SetData
from sitegen.verdicts import CheckResult


def checked_claims(ledger: Ledger, datasets: Iterable[SetData], cache: BuildCache, problems: Problems) -> list[dict[str, CheckedClaim]]:
    """For each set: claim id -> claim and what its check found. The checks are loaded only if one of them has to run."""
    inputs = _inputs(problems.project, ledger)

    @functools.cache
    def checks() -> Checks:
        return load_checks(ledger, problems)

    found = []
    for data in datasets:
        key = digest("claims", inputs, data.name, *(f"{name}:{data.digest_of(name)}" for name in data))
        kept = cache.get(key)
        if kept is not None:
            found.append({entry.claim.id: CheckedClaim(entry.claim, CheckResult(**kept[entry.claim.id])) for entry in ledger})
            continue
        met_before = problems.met
        checked = check_claims(ledger, checks(), data, problems)
        if problems.met == met_before and all(one.result for one in checked.values()):
            cache.put(key, {claim_id: asdict(one.result) for claim_id, one in checked.items()})
        found.append(checked)
    return found


def _inputs(project: Project, ledger: Ledger) -> str:
    """A digest of the claims, of their checks, and of all code that checks may use."""
    checks = sorted((project.content / "claims").glob("*.py"))
    code = sorted(project.charts.rglob("*.py"))
    contents = [part for path in (*checks, *code) for part in (path.name, path.read_bytes())]
    return digest(code_digest(), version_of("numpy"), *(str(entry.claim) for entry in ledger), *contents)
