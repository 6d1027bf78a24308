"""Findings as lines for people, and as JSON for machines and for whoever is sent a report."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ebid_tui.doctor.finding import Finding, Status
from ebid_tui.messages import t
from ebid_tui.process import private_files

SCHEMA = 1
EXIT_CODES: Mapping[Status, int] = {"ok": 0, "skipped": 0, "warning": 1, "failure": 2}


def exit_code(findings: Sequence[Finding]) -> int:
    """0 all well, 1 warnings, 2 failures."""
    return max((EXIT_CODES[finding.status] for finding in findings), default=0)


def lines(findings: Sequence[Finding]) -> Iterator[str]:
    """One line a check; below a warning or a failure what to do, and where."""
    for finding in findings:
        yield t(f"doctor.line_{finding.status}", id=finding.id, title=finding.title, detail=finding.detail)
        if finding.status in ("warning", "failure"):
            yield t("doctor.line_remedy", remedy=finding.remedy)
            if finding.place:
                yield t("doctor.line_place", place=finding.place)
    counted = {status: sum(finding.status == status for finding in findings) for status in EXIT_CODES}
    yield t("doctor.summary", **counted)


def as_json(findings: Sequence[Finding], *, ascii_only: bool = False) -> str:
    """The report of docs/doctor.md: nothing in it tells whose machine or card it was made with."""
    report = {
        "schema": SCHEMA,
        "program": _version(),
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "status": ("ok", "warning", "failure")[exit_code(findings)],
        "checks": [_check(finding) for finding in findings],
    }
    return json.dumps(report, ensure_ascii=ascii_only, indent=2)


def _version() -> str | None:
    """The program's version; None where it runs without having been installed."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("ebid-tui")
    except PackageNotFoundError:
        return None


def _check(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.id,
        "status": finding.status,
        "reason": finding.reason,
        "title": finding.title,
        "detail": finding.detail,
        "remedy": finding.remedy,
        "values": dict(finding.values),
    }


def save(path: Path, text: str) -> None:
    """Write a report that only its owner can read; one of that name is replaced. Raises OSError."""
    private_files.put(path, f"{text}\n".encode())
