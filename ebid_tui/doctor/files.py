"""Settings, profile, and the directories that the program writes to."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from ebid_tui import settings
from ebid_tui.card.pkcs11 import module_file
from ebid_tui.doctor.finding import Finding, failure, ok, warning
from ebid_tui.doctor.probing import ProbeContext

IDS = ("settings.files", "settings.profile", "files.config", "files.state", "files.space", "pkcs11.modules")
MEGABYTE = 1_000_000
LITTLE, TOO_LITTLE = 50 * MEGABYTE, 2 * MEGABYTE
"""Free bytes on the disk below which it is said."""


def look(context: ProbeContext) -> Iterator[Finding]:
    broken = {finding.id: finding for finding in context.broken}
    count = sum(file.is_file() for file in settings.settings_files())
    yield broken.get("settings.files") or ok("settings.files", count=count)
    if "settings.profile" in broken:
        yield broken["settings.profile"]
    elif context.profile is None:
        yield warning("settings.profile", "no_system")
    else:
        yield ok("settings.profile", system=context.profile.id)
    yield _config(settings.config_directory())
    yield _state(settings.state_directory())
    yield _space(settings.state_directory())
    yield modules(context.settings.pkcs11_modules)


def _config(directory: Path) -> Finding:
    """The user's settings: nobody else may write them, as they say which server a card signs for."""
    for path in (directory, directory / "settings.toml"):
        if not path.exists():
            continue
        status = path.stat()
        if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH) or status.st_uid not in (os.geteuid(), 0):
            return warning("files.config", "open", place=str(path))
    if not _writable(directory):
        return ok("files.config", "read_only", place=str(directory))
    return ok("files.config")


def _state(directory: Path) -> Finding:
    """Where reports of crashes go."""
    if not _writable(directory):
        return warning("files.state", "not_writable", place=str(directory))
    reports = directory / "crashes"
    if directory.exists() and directory.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return warning("files.state", "open", place=str(directory))
    if reports.exists() and reports.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return warning("files.state", "open", place=str(reports))
    return ok("files.state")


def _space(directory: Path) -> Finding:
    free = shutil.disk_usage(_existing(directory)).free
    if free < TOO_LITTLE:
        return failure("files.space", "none", megabytes=free // MEGABYTE)
    return warning("files.space", "little", megabytes=free // MEGABYTE) if free < LITTLE else ok("files.space")


def _existing(path: Path) -> Path:
    """The directory, or the nearest one above it that is there."""
    while not path.exists() and path != path.parent:
        path = path.parent
    return path


def _writable(directory: Path) -> bool:
    there = _existing(directory)
    return there.is_dir() and os.access(there, os.W_OK | os.X_OK)


# ---- PKCS#11 modules -------------------------------------------------------------------------------------------------


_MODULE_FAULTS = {"no such file": "missing", "no library": "no_library", "for another architecture": "architecture"}
"""By what `module_file.fault` says; anything else keeps it from being read."""


def modules(paths: tuple[str, ...]) -> Finding:
    """The modules that the settings name: there, readable, a library, and of this program's architecture. Nothing is loaded."""
    for path in paths:
        if (fault := module_file.fault(path)) is not None:
            return failure("pkcs11.modules", _MODULE_FAULTS.get(fault[1], "unreadable"), place=path)
    return ok("pkcs11.modules", count=len(paths)) if paths else ok("pkcs11.modules", "none")
