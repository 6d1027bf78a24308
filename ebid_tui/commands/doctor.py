"""`ebid-tui doctor`: terminal, settings, reader, card and server, each with what to do about it. Exit code 0, 1 or 2."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ebid_tui import settings
from ebid_tui.doctor import cards, files, input_method, report, server, terminal
from ebid_tui.doctor.finding import Finding, failure
from ebid_tui.doctor.probing import Probe, ProbeContext, examine
from ebid_tui.errors import ProfileError
from ebid_tui.language import speak
from ebid_tui.messages import t
from ebid_tui.process.output import exit_code_after_output, say, speaks_utf8

PROBES = (
    Probe(terminal.IDS, terminal.look),
    Probe(input_method.IDS, input_method.look),
    Probe(files.IDS, files.look),
    Probe(cards.IDS, cards.look),
    Probe(server.IDS, server.look),
)
"""In the order of the report; docs/doctor.md lists every id."""

UNWRITTEN = 2


def main(options: argparse.Namespace, flags: Mapping[str, Any]) -> int:
    """Look at everything, say it, save it if asked. `flags` are the settings given on the command line."""
    findings = examine(context(flags), PROBES)
    if options.json:
        say(report.as_json(findings, ascii_only=not speaks_utf8()))
    else:
        say("\n".join(report.lines(findings)))
    if options.report:
        try:
            report.save(Path(options.report).expanduser(), report.as_json(findings))
        except OSError as error:
            print(t("doctor.not_saved", reason=error.strerror or type(error).__name__), file=sys.stderr)
            return UNWRITTEN
        if not options.json:
            say(t("doctor.saved"))
    return exit_code_after_output(report.exit_code(findings), told=True)


def context(flags: Mapping[str, Any]) -> ProbeContext:
    """The settings and the profile as far as they can be had; what is wrong with them becomes findings."""
    broken: list[Finding] = []
    try:
        loaded = settings.load(flags)
        speak(loaded.language)
    except settings.SettingsError as error:
        broken.append(failure("settings.files", "broken", place=error.detail))
        loaded = settings.Settings()
    from ebid_tui.domain.issuers import also_from
    from ebid_tui.domain.profile.systems import profile_of

    profile = None
    try:
        also_from(*loaded.profile_directories)
        if loaded.system:
            profile = profile_of(loaded.system, *loaded.profile_directories)
    except ProfileError as error:
        broken.append(failure("settings.profile", "broken", place=error.detail))
    return ProbeContext(loaded, os.environ, profile, broken)
