"""An import: what it counts, what it changes, and when it changes nothing."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import product
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import Engine, insert, select, update

from ebid_tui.domain.fields import Field
from ebid_tui.domain.profile.parts import SearchOverride
from ebid_tui.domain.profile.systems import Password, Profile, available, load, profile_of
from ebid_tui.domain.roster import columns
from ebid_tui.errors import EbidError
from ebid_tui.server.admin.roster import COUNTS
from ebid_tui.server.roster import exporting, importing, staging
from ebid_tui.server.roster.checking import RosterChecker
from ebid_tui.server.roster.exporting import export
from ebid_tui.server.roster.importing import ImportOrder, ImportResult
from ebid_tui.server.roster.reading import RefusedRow
from ebid_tui.server.store import schema
from ebid_tui.server.store.engine import writing_engine
from ebid_tui.server.store.rosters import RosterStanding
from tests.clock import NOW
from tests.server.filling import REGISTRATION, put

MINATO = load(Path(__file__).resolve().parents[2] / "domain" / "profiles" / "minato.toml")
HEADER = "団体,区分,番号,名称,状態,所在地,利用者ID,仮パスワード"


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setattr(staging, "BATCH", 2)
    monkeypatch.setattr(importing, "AT_ONCE", 2)
    made = writing_engine(f"sqlite:///{tmp_path / 'ebid.db'}")
    with made.begin() as connection:
        schema.metadata.create_all(connection)
    yield made
    made.dispose()


class Told(list[RefusedRow]):
    """What an import reported, and the passwords that it hashed."""

    hashed: list[str]


def row(
    number: int, name: str = "港町建設", state: str = "", address: str = "港町", login: str = "", password: str = "", place: str = "town"
) -> str:
    return f"{place},works,ABCD{number:04d},{name},{state},{address},{login},{password}"


DECEMBER = datetime(2026, 12, 1, 3, tzinfo=UTC)


ELSEWHERE = msgspec.structs.replace(MINATO, password=Password(elsewhere="別のシステム"))
"""Passwords are changed in another system, and the list says which ones there are."""


def run(engine: Engine, *rows: str, header: str = HEADER, dry_run: bool = False, **more: Any) -> tuple[ImportResult, Told]:
    told = Told()
    told.hashed = []

    def hashed(password: str) -> str:
        told.hashed.append(password)
        return f"hash of {password}"

    order = ImportOrder(
        more.get("profile", MINATO),
        "utf-8",
        more.get("whole", False),
        dry_run,
        more.get("now", NOW),
        hashed,
        lambda kept, password: kept == f"hash of {password}",
        more.get("lapses"),
        more.get("passwords"),
        more.get("replace_passwords", False),
    )
    return importing.run(order, io.BytesIO(data(header, *rows)), engine.begin, engine, told.append), told


def data(*lines: str) -> bytes:
    return "".join(line + "\r\n" for line in lines).encode()


def standing(engine: Engine) -> dict[str, tuple[str, str, dict[str, str]]]:
    q = schema.qualifications.c
    with engine.begin() as connection:
        found = connection.execute(select(q.number, q.state, q.trade_name, q.company).where(q.system == "minato"))
        return {r.number[-1]: (r.state, r.trade_name, r.company) for r in found}


def all_of(engine: Engine, table: Any, *columns: str) -> list[tuple[Any, ...]]:
    with engine.begin() as connection:
        return sorted((tuple(r) for r in connection.execute(select(*(table.c[name] for name in columns)))), key=repr)


APPROVED = ("approved", "港町建設", {"name": "港町建設", "address": "港町"})


def test_new_ones_and_the_same_again(engine: Engine) -> None:
    given = [row(1), row(2, state="取消"), row(3, state="審査中", address=""), row(1, place="port")]
    done, told = run(engine, *given)
    assert (done, told) == (ImportResult(rows=4, new=4), [])
    assert standing(engine) == {"1": APPROVED, "2": ("lapsed", *APPROVED[1:]), "3": ("under_review", "港町建設", {"name": "港町建設"})}
    assert all_of(engine, schema.qualification_changes, "fields") == []
    assert run(engine, *given)[0] == ImportResult(rows=4, same=4)
    digest = hashlib.sha256(data(HEADER, *given)).hexdigest()
    assert (
        all_of(engine, schema.audit, "event", "actor", "subject", "system", "at")
        == [("roster-imported", "admin", digest, "minato", NOW)] * 2
    )


def test_r_37_r_27_r_35_what_became_of_each(engine: Engine) -> None:
    run(engine, *(row(n) for n in range(1, 8)), row(8, state="取消"), row(9, state="取消"))
    given = [
        row(1), row(2, address="新"), row(3, "新名"), row(4, state="審査中"), row(5, state="審査中", address="新"), row(6, state="取消"),
        row(7, state="取消", address="新"), row(8), row(9, state="審査中", address="新"),
    ]  # fmt: skip
    done, _ = run(engine, *given)
    # 2, 3 and 9 are other data; 6 and 7 lapse; 4 and 8 are only in another state; 5 waits for the review's end.
    assert done == ImportResult(rows=9, same=1, changed=3, pending=1, lapsed=2, other_state=2)
    changed = {number: one for number, one in standing(engine).items() if one != APPROVED}
    company = {"name": "港町建設", "address": "新"}
    assert changed == {
        "2": ("approved", "港町建設", company),
        "3": ("approved", "新名", {"name": "新名", "address": "港町"}),
        "4": ("under_review", *APPROVED[1:]),
        "5": ("under_review", *APPROVED[1:]),
        "6": ("lapsed", *APPROVED[1:]),
        "7": ("lapsed", "港町建設", company),
        "9": ("under_review", "港町建設", company),
    }
    marked = {
        number[-1]: (set(fields), pending)
        for number, fields, pending in all_of(engine, schema.qualification_changes, "number", "fields", "pending")
    }
    assert marked == {
        "2": ({"address"}, False), "3": ({"name", "trade_name"}, False), "4": ({"state"}, False), "5": ({"address", "state"}, True),
        "6": ({"state"}, False), "7": ({"address", "state"}, False), "8": ({"state"}, False), "9": ({"address", "state"}, False),
    }  # fmt: skip
    # Under review still, with the same change: it is pending again, and nothing stands otherwise.
    assert run(engine, row(5, state="審査中", address="新"))[0] == ImportResult(rows=1, pending=1)
    assert standing(engine)["5"] == ("under_review", *APPROVED[1:])


def test_every_row_is_counted_once(engine: Engine) -> None:
    """From every state to every other, with the same data and with other: the counts' sum is the number of rows."""
    states = ("有効", "審査中", "取消", "")
    every = [*product(states, states, ("港町", "新"))]
    run(engine, *(row(n, state=before) for n, (before, _, _) in enumerate(every)))
    given = [*(row(n, state=after, address=address) for n, (_, after, address) in enumerate(every)), row(99, state="取消"), row(98)]
    for whole, lapses in ((False, None), (True, None)):
        for dry_run in (True, False):
            done, _ = run(engine, *given, whole=whole, lapses=lapses, dry_run=dry_run)
            assert sum(getattr(done, name) for name in COUNTS) == done.rows == len(given)
    assert (done.same, done.pending) == (len(given) - done.pending, done.pending)


@pytest.mark.parametrize("dry_run", [True, False])
def test_r_35_what_a_whole_roster_does_not_have_lapses(engine: Engine, dry_run: bool) -> None:
    run(engine, *(row(n) for n in range(1, 7)), row(8, state="取消"))
    before = standing(engine)
    assert run(engine, row(1), dry_run=dry_run)[0] == ImportResult(rows=1, same=1)
    for lapses in (None, 0, 4, 6):
        with pytest.raises(EbidError, match="E-ROSTER-LAPSES") as caught:
            run(engine, row(1), whole=True, dry_run=dry_run, lapses=lapses)
        assert "6件のうち5件（83.3%）" in caught.value.title
        assert "--lapses 5 " in caught.value.remedy
        assert standing(engine) == before
    assert run(engine, row(1), whole=True, dry_run=dry_run, lapses=5)[0] == ImportResult(rows=1, same=1, absent=5)
    assert [one[0] for one in standing(engine).values()].count("lapsed") == (1 if dry_run else 6)
    assert (standing(engine) == before) == dry_run
    changes = all_of(engine, schema.qualification_changes, "number", "fields", "pending")
    assert changes == ([] if dry_run else [(f"ABCD000{n}", {"state": ["approved", "lapsed"]}, False) for n in range(2, 7)])
    assert len(all_of(engine, schema.audit, "id")) == (1 if dry_run else 3)


def test_r_35_a_whole_roster_ends_one_in_twenty_at_most_without_being_told_how_many(engine: Engine) -> None:
    """By being absent or by its state, and counted among what is in force; one vendor of ten is more than that."""
    given = [row(n) for n in range(1, 21)]
    run(engine, *given, row(21, state="取消"))
    assert run(engine, *given[1:], whole=True)[0].absent == 1
    run(engine, *given)
    for two in ([*given[2:]], [row(1, state="取消"), *given[2:]], [row(1, state="取消"), row(2, state="取消"), *given[2:]]):
        with pytest.raises(EbidError, match="E-ROSTER-LAPSES") as caught:
            run(engine, *two, whole=True)
        assert "20件のうち2件（10.0%）" in caught.value.title
    assert run(engine, *given[:18], row(22, state="取消"), whole=True, lapses=2)[0].absent == 2, "what is new ends nothing"
    before = standing(engine)
    for lapses in (None, 18):
        with pytest.raises(EbidError, match="E-ROSTER-EMPTY"):
            run(engine, whole=True, lapses=lapses)
    assert standing(engine) == before
    with pytest.raises(EbidError, match="E-ROSTER-LAPSES"):
        run(engine, *given[:18], whole=True, lapses=1)
    assert run(engine, *given[:18], whole=True)[0].absent == 0


def test_initial_passwords_and_login_ids(engine: Engine) -> None:
    with engine.begin() as connection:
        fixed = {"system": "minato", "password_state": "active", "wrong": 0}
        for n, login in ((2, None), (3, "OLDUSER3"), (4, "ABCD1004")):
            connection.execute(insert(schema.accounts), fixed | {"number": f"ABCD000{n}", "login_id": login, "password_hash": "own"})
    given = [
        row(1, password="Secret0001"), row(1, password="Secret0009", place="port"), row(2, password="Secret0002"), row(3, login="ABCD1003"),
        row(4, login="ABCD1004"), row(5, login="ABCD1005", password="Secret0005"), row(6, password="Secret0006"), row(7),
    ]  # fmt: skip
    for dry_run in (True, False):
        done, told = run(engine, *given, dry_run=dry_run)
        assert (done.refused, done.passwords) == (0, 3)
        assert told.hashed[:3] == ([] if dry_run else [told.hashed[0], "Secret0005", "Secret0006"])
    kept = {number[-1]: rest for number, *rest in all_of(engine, schema.accounts, "number", "login_id", "password_hash", "password_state")}
    assert kept.pop("1") in ([None, "hash of Secret0001", "initial"], [None, "hash of Secret0009", "initial"])
    assert kept == {
        "2": [None, "own", "active"], "3": ["ABCD1003", "own", "active"], "4": ["ABCD1004", "own", "active"],
        "5": ["ABCD1005", "hash of Secret0005", "initial"], "6": [None, "hash of Secret0006", "initial"],
    }  # fmt: skip
    done, told = run(engine, *given)
    assert (done.passwords, told.hashed) == (0, [])


def test_m1_where_passwords_are_changed_elsewhere_the_list_says_which_ones_there_are(engine: Engine) -> None:
    """A row's other password takes the place of what there is, and ends a lock; the same one, or none, changes nothing."""
    with engine.begin() as connection:
        fixed = {"system": "minato", "changed_on": NOW.date()}
        for n, hashed, state, wrong in ((1, "own", "active", 2), (2, "hash of Secret0002", "locked", 5), (3, "own", "locked", 5)):
            values = {"number": f"ABCD000{n}", "password_hash": hashed, "password_state": state, "wrong": wrong}
            connection.execute(insert(schema.accounts), fixed | values)
    columns = ("number", "password_hash", "password_state", "wrong", "changed_on")
    before = all_of(engine, schema.accounts, *columns)
    given = [
        row(1, password="Secret0001"), row(1, password="Secret0009", place="port"), row(2, password="Secret0002"),
        row(3, password="Secret0003"), row(4, password="Secret0004"), row(5),
    ]  # fmt: skip
    assert run(engine, *given)[0].passwords_replaced == 0
    assert [one for one in all_of(engine, schema.accounts, *columns) if one[0] < "ABCD0004"] == before, "passwords of our own stay"
    done, told = run(engine, *given, profile=ELSEWHERE, dry_run=True)
    assert (done.passwords, done.passwords_replaced, told.hashed) == (0, 2, [])
    done, told = run(engine, *given, profile=ELSEWHERE)
    assert (done.passwords, done.passwords_replaced, sorted(told.hashed)) == (0, 2, ["Secret0001", "Secret0003"])
    assert all_of(engine, schema.accounts, *columns)[:3] == [
        ("ABCD0001", "hash of Secret0001", "initial", 0, None), before[1], ("ABCD0003", "hash of Secret0003", "initial", 0, None),
    ]  # fmt: skip
    assert run(engine, *given[:1], *given[2:], profile=ELSEWHERE)[0].passwords_replaced == 0


def test_m1_a_list_says_which_passwords_are_in_force_and_since_when(engine: Engine) -> None:
    """R-15: hash, lock and wrong tries stay where only state or day differ; what was changed here stays the vendor's."""
    said = HEADER + ",暗証の状態,暗証の変更日"
    first = [row(1, password="Secret0001") + ",仮,", row(2, password="Secret0002") + ",,2026/11/30", row(3, password="Secret0003") + ",仮,"]
    assert run(engine, *first, header=said, now=DECEMBER)[0].passwords == 3
    kept = ("number", "password_hash", "password_state", "wrong", "changed_on")
    before = all_of(engine, schema.accounts, *kept)
    day = date(2026, 11, 30)
    assert [one[2:] for one in before] == [("initial", 0, None), ("active", 0, day), ("initial", 0, None)]
    assert run(engine, *first, header=said, now=DECEMBER)[0].passwords_settled == 0
    assert all_of(engine, schema.accounts, *kept) == before
    with engine.begin() as connection:
        own = {"password_hash": "own", "password_state": "active", "changed_on": date(2026, 11, 1), "wrong": 2}
        connection.execute(update(schema.accounts).where(schema.accounts.c.number == "ABCD0001").values(own))
        locked = {"password_state": "locked", "unlocked_state": "initial", "wrong": 5}
        connection.execute(update(schema.accounts).where(schema.accounts.c.number == "ABCD0003").values(locked))
    again = [first[0], first[1], row(3, password="Secret0003") + ",本人が変更,2026-12-01"]
    done, told = run(engine, *again, header=said, now=DECEMBER)
    assert (done.passwords_replaced, done.passwords_settled, told.hashed) == (0, 1, [])
    after = all_of(engine, schema.accounts, *kept, "unlocked_state")
    assert after[0][1:] == ("own", "active", 2, date(2026, 11, 1), None), "changed here: no initial one again"
    assert after[2][1:] == ("hash of Secret0003", "locked", 5, date(2026, 12, 1), "active")
    done, _ = run(engine, first[0], header=said, now=DECEMBER, replace_passwords=True)
    assert done.passwords_replaced == 1, "unless somebody asks for it"
    assert all_of(engine, schema.accounts, *kept)[0][1:] == ("hash of Secret0001", "initial", 0, None)
    done, _ = run(engine, row(4, password="Secret0004"), now=DECEMBER, passwords="in_force")
    assert all_of(engine, schema.accounts, *kept)[3][2:] == ("active", 0, None)


def changed_agency(profile: Profile, name: str, *asks: SearchOverride) -> Profile:
    agencies = tuple(msgspec.structs.replace(a, search=(*a.search, *asks)) if a.id == name else a for a in profile.agencies)
    return msgspec.structs.replace(profile, agencies=agencies)


def test_what_else_the_search_asks_comes_with_the_list(engine: Engine, tmp_path: Path) -> None:
    """Open fields stand in the record, secret ones as hashes, and never in the clear anywhere."""
    own = (
        Field(id="x-owner", label="代表の名", max=30), Field(id="x-second", label="合言葉", chars="half_alnum", max=20, secret=True),
    )  # fmt: skip
    profile = msgspec.structs.replace(MINATO, search=msgspec.structs.replace(MINATO.search, fields=(*MINATO.search.fields, *own)))
    with pytest.raises(EbidError) as caught:
        run(engine, row(1), profile=profile)
    assert "代表の名" in caught.value.title + caught.value.remedy, "without it nobody could be found"
    said = HEADER + ",代表の名,合言葉"
    given = [row(1) + ",港　一郎,Word0001", row(1, place="port") + ",港　一郎,Word0009", row(2) + ",港　二郎,"]
    for new in (True, False):
        done, told = run(engine, *given, profile=profile, header=said)
        assert (done.refused, told.hashed) == (0, ["Word0001"] if new else [])
    assert standing(engine)["2"][2]["x-owner"] == "港　二郎"
    assert all_of(engine, schema.vendor_secrets, "number", "field", "hash") == [("ABCD0001", "x-second", "hash of Word0001")]
    done, told = run(engine, row(3) + ",,Word０００３", profile=profile, header=said)
    assert [one.column for one in told] == ["代表の名", "合言葉"]
    assert "Word" not in "".join(one.reason for one in told)
    lax = changed_agency(profile, "port", SearchOverride(field="x-owner", ask="absent"))
    done, told = run(engine, row(4, place="port") + ",,", row(4) + ",,", profile=lax, header=said)
    assert [(one.line, one.column) for one in told] == [(3, "代表の名")], "the port does without it"
    assert b"Word0001" not in (tmp_path / "ebid.db").read_bytes().replace(b"hash of Word0001", b"")


def test_one_refused_row_and_nothing_is_taken(engine: Engine) -> None:
    given = [row(1), row(1), row(2, login="ABCD1001"), row(3, login="ABCD1001"), "x", row(4, state="？", address="港")]
    done, told = run(engine, *given, '"y"z')
    assert done == ImportResult(rows=7, refused=5)
    assert [(one.line, one.column) for one in told] == [(3, ""), (5, ""), (6, ""), (7, "状態"), (8, "")]
    assert [one.reason for one in told[:2]] == [
        "2行目と同じ業者です。どちらか1行だけにしてください。",
        "同じユーザIDが4行目の別の業者にあります。どちらかのユーザIDを直してください。",
    ]
    assert standing(engine) == {}
    assert all_of(engine, schema.audit, "id") == []


@pytest.mark.parametrize(("header", "reason"), [("", "空"), ('"団体"x', "引用符"), ("団体,区分", "見出しがありません: 番号、名称")])
def test_a_header_that_is_none(engine: Engine, header: str, reason: str) -> None:
    with pytest.raises(EbidError, match="E-ROSTER") as caught:
        run(engine, header=header)
    assert reason in caught.value.title + caught.value.remedy


def test_what_was_converted_and_what_nobody_needs_is_told(engine: Engine) -> None:
    done, _ = run(engine, row(1, login="ＡＢＣＤ１００１") + ",x", header=HEADER + ",備考")
    assert done == ImportResult(rows=1, new=1, converted=1, unknown_columns=("備考",))


def test_d1_a_branch_comes_and_goes_with_the_names(engine: Engine) -> None:
    run(engine, row(1))
    for name, company in (("港町建設　本町支店", {"branch": "本町支店"}), ("港町建設　東営業所", {"branch": "東営業所"}), ("港町建設", {})):
        assert run(engine, row(1, name))[0].changed == 1
        assert standing(engine)["1"] == ("approved", name, {"name": name, "address": "港町"} | company)


def test_r_37_a_name_of_the_companys_own_stays_where_a_file_is_without_its_column(engine: Engine) -> None:
    """It takes on the branch that the other name has; one that was the same goes on being the same."""
    own = HEADER + ",会社名"
    run(engine, row(1) + ",港町建設株式会社", row(2) + ",", header=own)
    for name, branch in (("港町建設", ""), ("新名", ""), ("新名　本町支店", "本町支店"), ("新名　東支店", "東支店"), ("新名", "")):
        run(engine, row(1, name), row(2, name))
        for number, kept in (("1", "港町建設株式会社"), ("2", name.split("　")[0])):
            _, trade_name, company = standing(engine)[number]
            assert (trade_name, company["name"]) == (name, f"{kept}　{branch}" if branch else kept)
        assert run(engine, row(1, name), row(2, name))[0] == ImportResult(rows=2, same=2)


def test_what_was_exported_is_the_same_when_it_is_imported(engine: Engine) -> None:
    """Each registration's vendor, by number, names and branch: a name of the company's own, a branch in any column."""
    header = HEADER + ",会社名,支店名"
    ways = [("港町建設", "", ""), ("'-港町", "", ""), ("港町建設　本町支店", "", ""), ("港町建設", "", "本町支店")]
    ways += [
        ("港町", "港町建設", ""),
        ("港町", "港町建設　本町支店", ""),
        ("港町", "港町建設", "本町支店"),
        ("港町　本町支店", "港町建設", ""),
    ]
    done, told = run(engine, *(row(n, name) + f",{own},{branch}" for n, (name, own, branch) in enumerate(ways)), header=header)
    assert (done.new, told) == (len(ways), [])
    before = standing(engine)
    with engine.begin() as connection:
        for n in range(len(ways)):
            where = {"system": "minato", "agency": "town", "category": "works", "number": f"ABCD{n:04d}"}
            put(connection, schema.registrations, REGISTRATION | where | {"id": f"R-{n}", "fingerprint": str(n)})
        list(export(connection, MINATO, file := io.BytesIO(), "csv", "utf-8"))
    exported = file.getvalue().decode().splitlines()
    assert run(engine, *exported[1:], header=exported[0])[0].same == len(ways)
    assert standing(engine) == before


@pytest.mark.parametrize("system", available())
def test_what_every_system_exports_has_a_header_that_can_be_imported(system: str) -> None:
    profile = profile_of(system)
    header = [label for _, label in exporting._labels(profile)]
    known = set(header) - set(RosterChecker(profile, header).unknown)
    assert {*columns(profile).required, columns(profile).branch} <= known


def test_columns_that_a_file_does_not_have_change_nothing() -> None:
    before = RosterStanding("approved", "甲", {"name": "甲", "address": "港町", "fax": "1"})
    given = RosterStanding("approved", "甲", {"name": "甲", "address": "", "fax": ""})
    after, fields, pending = importing._merged(before, given, {"address"}, False)
    assert (after, fields, pending) == (RosterStanding("approved", "甲", {"name": "甲", "fax": "1"}), {"address": ["港町", ""]}, False)
