"""Every finding has its words, every check its place in the document, and nothing that hangs or crashes stops the rest."""

from __future__ import annotations

import ast
import json
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest

from ebid_tui.card.interface import RefusedKind
from ebid_tui.commands.doctor import PROBES
from ebid_tui.doctor import report
from ebid_tui.doctor.finding import Finding, failure, ok, skipped, warning
from ebid_tui.doctor.probing import Probe, ProbeContext, examine
from ebid_tui.messages import has, t
from ebid_tui.messages.doctor import TEXTS
from ebid_tui.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
MODULES = [*sorted((ROOT / "ebid_tui" / "doctor").glob("*.py")), ROOT / "ebid_tui" / "commands" / "doctor.py"]
DOCUMENT = (ROOT / "docs" / "doctor.md").read_text(encoding="utf-8")
IDS = [check for probe in PROBES for check in probe.ids]
CONTEXT = ProbeContext(Settings(), {})


def made() -> Iterator[tuple[str, str, str]]:
    """(status, check, reason) of every finding that the code makes by name; reasons put together at run time end in `*`."""
    for module in MODULES:
        for call in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name)):
                continue
            if call.func.id not in ("ok", "warning", "failure", "skipped") or not call.args:
                continue
            check = call.args[0]
            reasons = [call.args[1]] if len(call.args) > 1 else [ast.Constant("skipped" if call.func.id == "skipped" else "ok")]
            if isinstance(reasons[0], ast.IfExp):
                reasons = [reasons[0].body, reasons[0].orelse]
            for reason in reasons:
                if isinstance(check, ast.Constant) and isinstance(reason, ast.Constant):
                    yield call.func.id, str(check.value), str(reason.value)


def test_every_finding_has_its_sentences() -> None:
    found = set(made())
    assert len(found) > 60
    for status, check, reason in found:
        assert has(f"doctor.{check}"), check
        key = f"doctor.{check}.{reason}" if has(f"doctor.{check}.{reason}") else f"doctor.any.{reason}"
        assert has(key), (check, reason)
        assert has(f"{key}.remedy") == (status in ("warning", "failure")), (status, key)
        assert check in IDS, check


def test_every_remedy_belongs_to_a_finding_and_says_what_to_do() -> None:
    for key, text in TEXTS.items():
        if key.endswith(".remedy"):
            assert key.removesuffix(".remedy") in TEXTS
            assert text.endswith("。")
            assert "ください" in text, key


def test_reasons_that_are_put_together_have_sentences() -> None:
    for reason in ("missing", "stale", "closed"):
        for suffix in ("", "_forwarded"):
            assert has(f"doctor.pcsc.service.{reason}{suffix}.remedy")
    for reason in ("expired", "not_yet", "name", "unknown_authority", "other_authority", "ca_file", "no_tls", "handshake", "silent"):
        assert has(f"doctor.server.tls.{reason}.remedy")
    for reason in ("no_name", "no_socket", "refused", "silent", "no_way", "proxy", "not_ours"):
        assert has(f"doctor.server.reachable.{reason}.remedy")
    for reason in (*get_args(RefusedKind), "refused"):
        assert has(f"doctor.card.kind.{reason}")
        assert has(f"doctor.card.kind.{reason}.remedy")
    for reason in ("mute", "busy", "none"):
        assert has(f"doctor.card.present.{reason}.remedy")
    for reason in ("missing", "unreadable", "no_library", "architecture"):
        assert has(f"doctor.pkcs11.modules.{reason}.remedy")
    for reason in ("not_installed", "no_socket", "path_too_long", "denied", "polkit", "silent", "error"):
        assert has(f"doctor.pcsc.service.{reason}.remedy")


def test_sentences_have_no_place_for_what_is_personal() -> None:
    allowed = {
        *("kind", "columns", "rows", "encoding", "cells", "count", "system", "megabytes", "version", "code", "n", "key", "hash", "name"),
        *("days", "seconds", "close", "opens", "id", "title", "detail", "remedy", "place", "ok", "warning", "failure", "skipped", "reason"),
        "variable",  # HTTPS_PROXY or ALL_PROXY: its name, never its value
    }
    used = {name for text in TEXTS.values() for _, name, _, _ in Formatter().parse(text) if name}
    assert used <= allowed
    assert [key for key, text in TEXTS.items() if "{place}" in text] == ["line_place"]
    # An authority's name, from the table of authorities.
    assert {key.rpartition(".")[0] for key, text in TEXTS.items() if "{name}" in text} == {"card.authority"}


def test_the_document_lists_every_check_and_no_other() -> None:
    listed = re.findall(r"^\| `([a-z0-9]+\.[a-z0-9]+)` \|", DOCUMENT, re.MULTILINE)
    assert listed == IDS
    assert len(set(IDS)) == len(IDS)


def test_the_document_lists_every_reason() -> None:
    rows = dict(re.findall(r"^\| `([a-z0-9]+\.[a-z0-9]+)` \|.*?\| (.*?) \|$", DOCUMENT, re.MULTILINE))
    for _, check, reason in set(made()):
        if check in rows and reason not in ("ok", "skipped"):
            assert f"`{reason}`" in rows[check], (check, reason)


# ---- running ---------------------------------------------------------------------------------------------------------


def hanging(_context: ProbeContext) -> Iterator[Finding]:
    yield ok("pcsc.service")
    time.sleep(30)
    yield ok("pcsc.version")


def crashing(_context: ProbeContext) -> Iterator[Finding]:
    yield ok("server.address")
    raise ValueError("secret")


def stopping(_context: ProbeContext) -> Iterator[Finding]:
    yield failure("settings.profile", "broken")


def test_what_hangs_crashes_or_stops_is_said_and_the_rest_goes_on() -> None:
    probes = (
        Probe(("pcsc.service", "pcsc.version", "reader.present"), hanging),
        Probe(("server.address", "server.reachable", "server.tls"), crashing),
        Probe(("settings.profile", "files.config"), stopping),
    )
    findings = examine(CONTEXT, probes, seconds=0.3)  # what is waited for would end well
    assert [(f.id, f.status, f.reason) for f in findings] == [
        ("pcsc.service", "ok", "ok"),
        ("pcsc.version", "failure", "hangs"),
        ("reader.present", "skipped", "skipped"),
        ("server.address", "ok", "ok"),
        ("server.reachable", "failure", "crashed"),
        ("server.tls", "skipped", "skipped"),
        ("settings.profile", "failure", "broken"),
        ("files.config", "skipped", "skipped"),
    ]
    told = "\n".join(report.lines(findings))
    assert "secret" not in told
    assert "ValueError" in told


@pytest.mark.parametrize(
    ("findings", "code", "status"),
    [
        ([ok("pcsc.library"), skipped("terminal.kind", "no_terminal")], 0, "ok"),
        ([ok("pcsc.library"), warning("ssh.reader", "far")], 1, "warning"),
        ([warning("ssh.reader", "far"), failure("reader.present", "none"), ok("pcsc.library")], 2, "failure"),
    ],
)
def test_the_worst_finding_is_the_exit_code(findings: list[Finding], code: int, status: str) -> None:
    assert report.exit_code(findings) == code
    assert json.loads(report.as_json(findings))["status"] == status


def test_what_is_told_of_others_is_text() -> None:
    told = failure("server.reach", "tls", "/run/\x1b[2J\u202ex", reason="CN=\x1b]0;x\x07\x9bA", n=3)
    assert (told.place, dict(told.values)) == ("/run/[2Jx", {"reason": "CN=]0;xA", "n": 3})


def test_the_json_has_every_key_and_not_the_place() -> None:
    told = json.loads(report.as_json([failure("pcsc.service", "stale", place="/home/hanako/pcscd")]))
    assert list(told) == ["schema", "program", "python", "platform", "status", "checks"]
    (check,) = told["checks"]
    assert list(check) == ["id", "status", "reason", "title", "detail", "remedy", "values"]
    assert check["remedy"] == t("doctor.pcsc.service.stale.remedy")
    assert "hanako" not in json.dumps(told)
    assert "/home/hanako/pcscd" in "\n".join(report.lines([failure("pcsc.service", "stale", place="/home/hanako/pcscd")]))


def test_a_report_is_private_and_replaces_the_one_before(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    file.write_text("old")
    file.chmod(0o666)
    report.save(file, "new")
    assert file.read_text() == "new\n"
    assert file.stat().st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path) == ["report.json"]


def test_a_report_does_not_follow_a_link_that_somebody_put_there(tmp_path: Path) -> None:
    (tmp_path / "report.json").symlink_to(tmp_path / "elsewhere")
    report.save(tmp_path / "report.json", "new")
    assert os.listdir(tmp_path) == ["report.json"]
    assert not (tmp_path / "report.json").is_symlink()
