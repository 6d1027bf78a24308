"""The four profiles against the documents, and how a broken one is refused."""

from __future__ import annotations

import operator
from pathlib import Path

import pytest

from ebid_tui.domain.fields import Field, grade_rows, readable
from ebid_tui.domain.profile.systems import Profile, available, load, profile_of
from ebid_tui.errors import ProfileError
from tests.domain import spec_tables
from tests.domain.spec_tables import Row

FOUR = ("ise", "aomori", "nagasaki", "saitama")
MINATO = Path(__file__).parents[1] / "profiles" / "minato.toml"


def as_row(field: Field) -> Row:
    """What of a field the documents decide; of one that is only shown, no limit and no mark."""
    where = (field.operations, field.categories, field.source)
    if not field.input:
        return Row(field.id, field.label, None, 0, 0, "", "", False, *where)
    return Row(field.id, field.label, field.chars, field.max, field.exact, field.note, field.mark, field.required, *where)


# -- the documents' tables -------------------------------------------------------------------------------------------


def test_the_four_systems_and_no_other_are_packaged() -> None:
    assert set(available()) == set(FOUR)


@pytest.mark.parametrize("system", FOUR)
def test_every_block_has_the_documents_fields_in_their_order(system: str) -> None:
    profile = profile_of(system)
    every = {b.id: tuple(as_row(f) for f in b.fields + profile.field_sets.get(b.use, ())) for b in profile.blocks}
    assert list(every) == ["company", "representative_contact", "card_holder", "card_contact"]
    for block_id, rows in spec_tables.BLOCKS[system].items():
        assert every[block_id] == rows, block_id


@pytest.mark.parametrize("system", FOUR)
def test_blocks_are_called_as_the_documents_call_them(system: str) -> None:
    assert [b.title for b in profile_of(system).blocks] == ["企業情報", "代表窓口情報", "ICカード利用部署情報", ""]


@pytest.mark.parametrize("system", FOUR)
def test_the_search_asks_what_the_documents_ask(system: str) -> None:
    assert tuple(as_row(f) for f in profile_of(system).search.fields) == spec_tables.SEARCH[system]


def test_only_one_system_changes_passwords_itself() -> None:
    changing = profile_of("ise").password
    assert changing is not None
    assert tuple(as_row(f) for f in changing.fields) == spec_tables.PASSWORD_CHANGE
    assert (changing.title, changing.submit) == ("パスワード再設定", "設定")
    assert (changing.min_length, changing.letters, changing.digits, changing.symbols) == (8, True, True, True)
    elsewhere = profile_of("saitama").password
    assert elsewhere is not None
    assert (elsewhere.elsewhere, elsewhere.fields) == ("競争入札参加資格申請受付システム", ())
    as_notified = profile_of("aomori").password
    assert as_notified is not None
    assert (as_notified.initial, as_notified.changed, as_notified.fields) == ("use_as_is", "nowhere", ())
    assert profile_of("nagasaki").password is None


@pytest.mark.parametrize("system", FOUR)
def test_kinds_follow_from_what_a_field_holds(system: str) -> None:
    profile = profile_of(system)
    kinds = {"postal_code": "postal_code", "phone": "phone", "fax": "phone", "email": "email", "email_again": "email_again"}
    names = {"trade_name": "name", "password": "password"}
    for block in profile.blocks:
        for field in block.fields + profile.field_sets.get(block.use, ()):
            if field.input:
                assert field.kind == kinds.get(field.id, "text"), (block.id, field.id)
                assert field.help.endswith("。"), (block.id, field.id)
    for field in profile.search.fields:
        assert field.kind == names.get(field.id, "text")
        assert field.help.endswith("。"), field.id


@pytest.mark.parametrize("system", FOUR)
def test_titles_labels_and_buttons_are_the_documents(system: str) -> None:
    profile = profile_of(system)
    said = {key: operator.attrgetter(key)(profile) for key in spec_tables.SAME_EVERYWHERE}
    assert said == spec_tables.SAME_EVERYWHERE
    assert {i.id: i.label for i in profile.menu.items} == {"registration": "登録", "amendment": "変更", "renewal": "ICカード更新"}


@pytest.mark.parametrize("system", FOUR)
def test_what_the_systems_differ_in(system: str) -> None:
    profile = profile_of(system)
    assert facts(profile) == spec_tables.FACTS[system]


def facts(profile: Profile) -> dict[str, object]:
    return {
        "name": profile.name,
        "title": profile.title,
        "brand": profile.brand,
        "agencies": [a.name for a in profile.agencies],
        "categories": [c.name for c in profile.categories],
        "card_free": [c.name for c in profile.categories if c.card_free],
        "entries": [e.label for e in profile.menu.entries],
        "search.title": profile.search.title,
        "search.key": profile.search.key,
        "search.show_agency": profile.search.show_agency,
        "serial": (profile.card.serial, profile.card.renewal_serial),
        "renewal.rows": profile.renewal.rows,
        "renewal.new_pin": profile.renewal.new_pin,
        "renewal.different_company": profile.renewal.different_company,
        "print.registration": profile.print.registration,
        "print.amendment": profile.print.amendment,
        "company_id": profile.rules.company_id and profile.print.company_id,
        "mail.rows": [mail_label(profile, row) for row in profile.mail.rows],
        "propagation": profile.rules.propagation,
        "later_cards": profile.rules.representative_contact_of_later_cards,
        "abbreviated_name": profile.rules.abbreviated_name,
        "logout": profile.rules.logout,
        "password_change_delays": profile.password_change_delays,
    }


def mail_label(profile: Profile, row: str) -> str:
    if row == "agency":
        return profile.agency_title
    block_id, _, field_id = row.partition(".")
    labels = {f.id: f.label for f in profile.fields(block_id, "amendment", "construction")}
    return profile.mail.labels.get(row, labels[field_id])


def test_r_08_another_authority_stops_the_renewal_where_the_manual_says_so() -> None:
    assert {s: profile_of(s).renewal.different_ca for s in FOUR} == {
        "ise": "ask",
        "aomori": "ask",
        "nagasaki": "ask",
        "saitama": "stop",
    }


@pytest.mark.parametrize("system", FOUR)
def test_r_22_hours_are_weekdays_half_past_eight_to_eight(system: str) -> None:
    hours = profile_of(system).hours
    assert (hours.open, hours.close, hours.weekdays, hours.holidays) == ("08:30", "20:00", (0, 1, 2, 3, 4), True)


@pytest.mark.parametrize("system", FOUR)
def test_r_34_the_core_systems_authorities_are_accepted(system: str) -> None:
    assert set(profile_of(system).trusted) > spec_tables.CORE_AUTHORITIES


def test_helpdesk_as_printed() -> None:
    profile = profile_of("ise")
    assert (profile.helpdesk.phone, profile.helpdesk.mail) == ("0570-03-2505", "ise-help@efftis.jp")
    assert (profile.contact.name, profile.contact.phone) == ("伊勢市 資産経営部 契約課 契約係", "0596-21-5525")


def test_only_the_company_confirmed_in_an_amendment_is_said_to_be_refreshed() -> None:
    remarks = {s: bool(profile_of(s).amendment_confirmation.company_remark) for s in FOUR}
    assert remarks == {"ise": True, "aomori": False, "nagasaki": True, "saitama": False}


# -- what a profile answers ------------------------------------------------------------------------------------------


def test_fields_follow_operation_and_category() -> None:
    profile = profile_of("aomori")
    works = [f.id for f in profile.fields("company", "registration", "construction")]
    goods = [f.id for f in profile.fields("company", "amendment", "goods")]
    assert works == ["name", "postal_code", "address", "representative", "title", "phone", "fax", "department"]
    assert goods == ["company_id", *works[:-1], "grades", "department"]


def test_grades_are_four_lines_of_five() -> None:
    grades = next(f for f in profile_of("aomori").block("company").fields if f.id == "grades")
    assert grade_rows(grades, "A,無し,,X") == (
        ("物品の製造", "A"),
        ("物品の販売", "無し"),
        ("役務等の提供", "無し"),
        ("物品の購入", "無し"),
    )
    assert grades.options == ("A", "B", "C", "D", "無し")
    assert readable(grades, "A,無し,,X") == "物品の製造　A\n物品の販売　無し\n役務等の提供　無し\n物品の購入　無し"


def test_an_agency_decides_what_the_search_asks() -> None:
    profile = load(MINATO)
    assert [(f.id, f.required, f.mark) for f in profile.search_fields("town")] == [
        ("user_id", True, "必須"),
        ("trade_name", True, "必須"),
        ("password", True, "必須"),
    ]
    assert [(f.id, f.required, f.mark) for f in profile.search_fields("water")] == [("user_id", True, "必須"), ("trade_name", False, "")]
    assert [(f.id, f.required, f.mark) for f in profile.search_fields("port")] == [
        ("user_id", True, "必須"),
        ("trade_name", True, "必須"),
        ("password", False, "任意"),
    ]


def test_agencies_have_their_own_categories() -> None:
    profile = load(MINATO)
    assert [c.id for c in profile.categories_of("town")] == ["works", "goods", "services"]
    assert [c.id for c in profile.categories_of("water")] == ["works", "goods"]
    assert not profile.single_agency
    assert profile_of("ise").single_agency


@pytest.mark.parametrize("ask", ["agency", "category", "block"])
def test_what_a_profile_does_not_have_is_a_key_error(ask: str) -> None:
    with pytest.raises(KeyError):
        getattr(profile_of("ise"), ask)("nowhere")


def test_a_made_up_system_is_one_file(tmp_path: Path) -> None:
    profile = profile_of("minato", MINATO.parent)
    assert (profile.id, profile.title, profile.search.key) == ("minato", "港町調達サービス", "user_id")
    assert set(available(MINATO.parent)) == {*FOUR, "minato"}


def test_a_users_file_wins_over_the_packaged_one(tmp_path: Path) -> None:
    text = available()["ise"].read_text("utf-8").replace('name = "伊勢市"', 'name = "伊勢市（試験）"', 1)
    (tmp_path / "ise.toml").write_text(text, "utf-8")
    assert profile_of("ise", tmp_path).name == "伊勢市（試験）"
    assert profile_of("ise").name == "伊勢市"


def test_an_unknown_system_is_said_to_be_one() -> None:
    with pytest.raises(ProfileError) as caught:
        profile_of("nowhere")
    assert (caught.value.file, caught.value.key) == ("nowhere.toml", "id")


@pytest.mark.parametrize("prefix", ["\ufeff", "# 港町\r\n"])
def test_files_of_other_editors_are_read(tmp_path: Path, prefix: str) -> None:
    path = tmp_path / "minato.toml"
    path.write_bytes((prefix + MINATO.read_text("utf-8").replace("\n", "\r\n")).encode("utf-8"))
    assert load(path) == load(MINATO)
