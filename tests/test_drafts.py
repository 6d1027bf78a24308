"""Drafts on disk: encrypted, private, of a limited age, and never in anybody's way."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from ebid_tui.drafts import DAY, MAGIC, DraftStore, store
from ebid_tui.flows.drafts import NONE, DraftSlot, DraftUnreadable
from ebid_tui.settings import Settings, config_directory, state_directory
from tests.clock import NOW

SLOT = DraftSlot("ise", "ise", "construction", "registration", "1000000001")
TYPED = {"company": {"department": "営業部"}, "card_contact": {"person": "担当　花子"}}


class Clock:
    def __init__(self) -> None:
        self.now = NOW.timestamp()

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def drafts(tmp_path: Path, clock: Clock) -> DraftStore:
    return again(tmp_path, clock)


def again(tmp_path: Path, clock: Clock) -> DraftStore:
    """Another program of the same user."""
    return DraftStore(tmp_path / "state" / "drafts", tmp_path / "config" / "drafts.key", 7, clock)


def files(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "state" / "drafts").iterdir())


def put(file: Path, data: bytes) -> None:
    """Write a draft's file; the machine's clock leaves no trace on it."""
    file.write_bytes(data)
    file.chmod(0o600)
    os.utime(file, (NOW.timestamp(), NOW.timestamp()))


def test_it_outlives_the_program(drafts: DraftStore, tmp_path: Path, clock: Clock) -> None:
    assert drafts.read(SLOT) is None
    drafts.write(SLOT, {"company": {"department": "前のもの"}})
    drafts.write(SLOT, TYPED)
    kept = again(tmp_path, clock).read(SLOT)
    assert kept is not None
    assert kept.values == TYPED
    assert abs(kept.saved_at.timestamp() - clock.now) < 0.01
    drafts.drop(SLOT)
    drafts.drop(SLOT)
    assert again(tmp_path, clock).read(SLOT) is None
    assert files(tmp_path) == []


def test_nothing_of_it_can_be_read_in_the_file_or_its_name_and_it_is_the_users_alone(drafts: DraftStore, tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        drafts.write(SLOT, TYPED)
    finally:
        os.umask(old)
    (file,) = files(tmp_path)
    data = file.read_bytes()
    for part in ("営業部", "花子", "1000000001", "construction", "department"):
        assert part.encode() not in data
        assert part not in file.name
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    key = tmp_path / "config" / "drafts.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert len(key.read_bytes()) == 32
    drafts.write(SLOT, TYPED)
    assert files(tmp_path)[0].read_bytes() != data, "a fresh nonce each time"


def test_a_directory_that_others_may_enter_is_closed(drafts: DraftStore, tmp_path: Path) -> None:
    (tmp_path / "state" / "drafts").mkdir(mode=0o777, parents=True)
    drafts.write(SLOT, TYPED)
    assert stat.S_IMODE((tmp_path / "state" / "drafts").stat().st_mode) == 0o700


@pytest.mark.parametrize("part", DraftSlot.__struct_fields__)
def test_a_slot_is_system_agency_category_flow_and_vendor(drafts: DraftStore, tmp_path: Path, part: str) -> None:
    drafts.write(SLOT, TYPED)
    other = DraftSlot(**{**{name: getattr(SLOT, name) for name in DraftSlot.__struct_fields__}, part: "other"})
    assert drafts.read(other) is None
    (file,) = files(tmp_path)
    drafts.write(other, TYPED)
    (moved,) = [f for f in files(tmp_path) if f != file]
    put(moved, file.read_bytes())
    with pytest.raises(DraftUnreadable):
        drafts.read(other)  # copied there, it does not open


@pytest.mark.parametrize(
    "spoiled",
    [b"", MAGIC, MAGIC + bytes(11), b"ebid-draft-9\n" + bytes(60), bytes(300_000), MAGIC + bytes(300_000)],
    ids=["empty", "head", "short", "version", "foreign", "large"],
)
def test_a_spoiled_one_is_told_once_and_thrown_away(drafts: DraftStore, tmp_path: Path, spoiled: bytes) -> None:
    drafts.write(SLOT, TYPED)
    (file,) = files(tmp_path)
    put(file, spoiled)
    with pytest.raises(DraftUnreadable):
        drafts.read(SLOT)
    assert drafts.read(SLOT) is None
    drafts.write(SLOT, TYPED)
    assert drafts.read(SLOT) is not None


def test_every_single_bit_counts(drafts: DraftStore, tmp_path: Path) -> None:
    drafts.write(SLOT, {"a": {"b": "c"}})
    (file,) = files(tmp_path)
    data = file.read_bytes()
    for at in range(0, len(data), 7):
        put(file, data[:at] + bytes((data[at] ^ 1,)) + data[at + 1 :])
        with pytest.raises(DraftUnreadable):
            drafts.read(SLOT)
        put(file, data)
    assert drafts.read(SLOT) is not None


def test_a_link_or_a_file_that_others_can_read_is_not_opened(drafts: DraftStore, tmp_path: Path) -> None:
    drafts.write(SLOT, TYPED)
    (file,) = files(tmp_path)
    (elsewhere := tmp_path / "elsewhere").write_bytes(file.read_bytes())
    elsewhere.chmod(0o600)
    file.unlink()
    file.symlink_to(elsewhere)
    os.utime(file, (NOW.timestamp(), NOW.timestamp()), follow_symlinks=False)
    with pytest.raises(DraftUnreadable):
        drafts.read(SLOT)
    assert elsewhere.exists(), "what the link leads to is nobody's business"
    drafts.write(SLOT, TYPED)
    files(tmp_path)[0].chmod(0o644)
    with pytest.raises(DraftUnreadable):
        drafts.read(SLOT)


def test_it_expires_and_so_do_those_of_other_vendors(drafts: DraftStore, tmp_path: Path, clock: Clock) -> None:
    other = DraftSlot("ise", "ise", "construction", "registration", "2")
    drafts.write(SLOT, TYPED)
    drafts.write(other, TYPED)
    clock.now += 6.9 * DAY
    assert drafts.read(SLOT) is not None
    clock.now += 0.2 * DAY
    assert drafts.read(SLOT) is None
    assert files(tmp_path) == []


def test_what_was_touched_since_still_expires(drafts: DraftStore, tmp_path: Path, clock: Clock) -> None:
    drafts.write(SLOT, TYPED)
    clock.now += 8 * DAY
    os.utime(files(tmp_path)[0], (clock.now, clock.now))
    assert drafts.read(SLOT) is None
    assert files(tmp_path) == []


def test_a_lost_or_spoiled_key_opens_nothing_and_is_made_anew(drafts: DraftStore, tmp_path: Path, clock: Clock) -> None:
    drafts.write(SLOT, TYPED)
    (tmp_path / "config" / "drafts.key").write_bytes(b"short")
    fresh = again(tmp_path, clock)
    assert fresh.read(SLOT) is None
    fresh.write(SLOT, TYPED)
    assert again(tmp_path, clock).read(SLOT) is not None


def test_a_disk_that_cannot_be_written_leaves_no_draft_and_no_error(tmp_path: Path, clock: Clock) -> None:
    (tmp_path / "state").write_text("a file where a directory should be")
    drafts = again(tmp_path, clock)
    drafts.write(SLOT, TYPED)
    assert drafts.read(SLOT) is None
    drafts.drop(SLOT)


def test_settings_decide(own_home: Path) -> None:
    assert store(Settings(drafts=False)) is NONE
    kept = store(Settings())
    kept.write(SLOT, TYPED)
    assert kept.read(SLOT) is not None
    assert (state_directory() / "drafts").is_dir()
    assert (config_directory() / "drafts.key").is_file()
