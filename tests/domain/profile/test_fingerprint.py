"""Two files that mean the same to a client have one fingerprint; whatever a client could tell apart has another."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ebid_tui.domain.profile.extending import whole
from ebid_tui.domain.profile.fingerprint import SERVERS_OWN, fingerprint, said
from ebid_tui.domain.profile.systems import PACKAGED, Profile, available, load, profile_of
from ebid_tui.domain.profile.toml import toml
from tests.domain.profile.test_places import paths
from tests.e2e.variations import MINATO

RAW = tomllib.loads(MINATO.read_text("utf-8"))


def profile(table: dict[str, Any]) -> Profile:
    return msgspec.convert(table, Profile)


@pytest.mark.parametrize("system", available())
def test_how_a_file_is_written_does_not_count(system: str, tmp_path: Path) -> None:
    table = whole(PACKAGED / f"{system}.toml", (PACKAGED,)).table
    (tmp_path / f"{system}.toml").write_text("# another comment\n" + toml(dict(reversed(table.items()))), "utf-8")
    assert fingerprint(load(tmp_path / f"{system}.toml")) == fingerprint(profile_of(system))


def test_a_written_out_default_is_none() -> None:
    assert "holder" not in said(profile(RAW | {"rules": {"holder": "ask"}})).get("rules", {})
    assert fingerprint(profile(RAW | {"rules": {"holder": "ask"}})) == fingerprint(profile(RAW | {"rules": {}}))


@pytest.mark.parametrize("table", sorted(SERVERS_OWN - {"demo"}))
def test_what_only_a_server_uses_may_differ(table: str) -> None:
    other = {"roster": {"number": "別の列"}, "mail": RAW["mail"] | {"subject": "別の件名"}, "trust": {"revocation": "record"}}[table]
    assert fingerprint(profile(RAW | {table: other})) == fingerprint(profile(RAW))


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_other_value_that_a_client_uses_counts(data: st.DataObject) -> None:
    raw = tomllib.loads(MINATO.read_text("utf-8"))
    path = data.draw(st.sampled_from(sorted((p for p in paths(raw) if p[0] not in SERVERS_OWN), key=str)))
    inside: Any = raw
    for step in path[:-1]:
        inside = inside[step]
    before = inside[path[-1]]
    if isinstance(before, bool):
        inside[path[-1]] = not before
    elif isinstance(before, int):
        inside[path[-1]] = before + 1
    elif isinstance(before, str):
        inside[path[-1]] = before + "x"
    else:
        return
    try:
        changed = profile(raw)
    except msgspec.ValidationError:
        return
    assert fingerprint(changed) != fingerprint(profile(RAW)), path
