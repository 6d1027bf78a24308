"""The demo's keys on the disk: whatever became of a file, its key is the one that was kept, or a new one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebid_tui.demo.key_directory import KeyDirectory


@given(data=st.data())
def test_a_key_is_the_one_that_was_kept_or_made_anew_whatever_became_of_its_file(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    vault = KeyDirectory(tmp_path_factory.mktemp("vault"))
    kept = data.draw(st.binary(max_size=40))
    assert vault.key("a", "P-256", lambda: kept) == kept
    file = vault.directory / "a.json"
    whole = file.read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    file.write_bytes(whole[:at] + data.draw(st.binary(max_size=2)) + whole[at + data.draw(st.integers(0, len(whole) - at)) :])
    assert vault.key("a", "P-256", lambda: b"anew") in (kept, b"anew")
    assert vault.key("a", "RSA-2048", lambda: b"another kind") == b"another kind"
