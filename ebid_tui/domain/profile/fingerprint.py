"""Whether two programs have the same file of a system: a short sum over all that clients use of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec

from ebid_tui.domain.profile.systems import Profile

SERVERS_OWN = frozenset({"roster", "mail", "demo", "trust"})
"""Tables that no client reads: they may differ."""
VERSION = "1"
LENGTH = 16
"""Hexadecimal digits that are told, of 64."""


def fingerprint(profile: Profile) -> str:
    """`1:` and hexadecimal digits: the same for the same settings, however the file is written.

    A key that is as if it were not written counts as not written: a newer program with a new key says the same of an old file.
    """
    return _sum(msgspec.json.encode(said(profile), order="deterministic"))


@lru_cache(maxsize=64)
def _sum(settings: bytes) -> str:
    return f"{VERSION}:{hashlib.sha256(settings).hexdigest()[:LENGTH]}"


def said(profile: Profile) -> dict[str, Any]:
    """What a client uses of a profile, without what is as if it were not written."""
    return {key: value for key, value in _plain(profile).items() if key not in SERVERS_OWN}


def _plain(value: Any) -> Any:
    if isinstance(value, msgspec.Struct):
        names, defaults = value.__struct_fields__, value.__struct_defaults__
        known = dict(zip(names[len(names) - len(defaults) :], defaults, strict=True))
        return {name: _plain(found) for name in names if (found := getattr(value, name)) != _default(known.get(name, msgspec.NODEFAULT))}
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value


def _default(default: Any) -> Any:
    """What a Struct has where nothing is said; a factory makes it."""
    return default.factory() if type(default).__name__ == "Factory" or hasattr(default, "factory") else default
