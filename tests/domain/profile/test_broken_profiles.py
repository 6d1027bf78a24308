"""A broken profile is refused with file, key and reason; each is the made-up system with one thing changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from ebid_tui.domain.profile.checks import contradictions
from ebid_tui.domain.profile.parts import MenuItem
from ebid_tui.domain.profile.systems import load
from ebid_tui.domain.profile.texts import text_faults
from ebid_tui.errors import ProfileError

MINATO = Path(__file__).parents[1] / "profiles" / "minato.toml"

Broken = tuple[str, str, str, str]
"""What stands in the file, what stands there instead, the key that is named, and words of the reason."""

TYPES: list[Broken] = [
    ('brand = "MINATO"', 'brad = "MINATO"', "brad", "unknown field"),
    ('open = "09:00"', 'opens = "09:00"', "hours.opens", "unknown field"),
    ('id = "town"\nname = "港町"\n', 'id = "town"\n', "agencies[0].name", "missing required field"),
    ('title = "港町調達サービス"\n', "", "title", "missing required field"),
    ('name = "港町役場 財務課"', "name = 5", "contact.name", "Expected `str`"),
    ("exact = 8", 'exact = "8"', "search.fields[0].exact", "Expected `int`"),
    ("exact = 8", "exact = 8.5", "search.fields[0].exact", "Expected `int`"),
    ("holidays = false", 'holidays = "no"', "hours.holidays", "Expected `bool`"),
    ('chars = "half_alnum"', 'chars = "ascii"', "search.fields[0].chars", "Invalid enum value"),
    ('character_set = "cp932"', 'character_set = "utf8"', "character_set", "Invalid enum value"),
    ('ask = "absent"', 'ask = "never"', "agencies[1].search[1].ask", "Invalid enum value"),
    ('different_ca = "ask"', 'different_ca = "pray"', "renewal.different_ca", "Invalid enum value"),
    ("weekdays = [0, 1, 2, 3, 4, 5]", "weekdays = 5", "hours.weekdays", "Expected `array`"),
    ('revocation = "record"', 'revocation = "hope"', "trust.revocation", "Invalid enum value"),
    ('revocation = "record"', 'revokation = "record"', "trust.revokation", "unknown field"),
    ("explicit_policy = false", "explicit_policy = 1", "trust.explicit_policy", "Expected `bool`"),
]

TEXTS: list[Broken] = [
    ('brand = "MINATO"', r'brand = "MIN\u001b]0;x\u0007ATO"', "brand", "U+001B"),
    ('name = "港町水道企業団"', r'name = "港町\u202e水道企業団"', "agencies.water.name", "U+202E"),
    ('lines = ["物品", "役務"]', r'lines = ["物品", "役\u009b務"]', "blocks.company.fields.grades.lines.1", "U+009B"),
    ('brand = "MINATO"', r'"br\u0008and" = "MINATO"', "brand", "U+0008"),
    ('brand = "MINATO"', 'brand = "MIN\tATO"', "brand", "U+0009"),
]

IDS: list[Broken] = [
    ('id = "minato"', 'id = "minatomachi"', "id", "is not the file's name"),
    ('id = "water"', 'id = "town"', "agencies", "'town' appears 2 times"),
    ('id = "water"', 'id = "Wasser"', "agencies.Wasser", "lower-case"),
    ('name = "港町水道企業団"', 'name = "港町"', "agencies.name", "'港町' appears 2 times"),
    ('name = "港町水道企業団"', 'name = " "', "agencies.water.name", "empty"),
    ('id = "goods"', 'id = "works"', "categories", "'works' appears 2 times"),
    ('agencies = ["town", "port"]', 'agencies = ["tower"]', "categories.services.agencies", "no agency 'tower'"),
    ('trusted = ["test-ca", "aosign"]', "trusted = []", "trusted", "at least one"),
    ('trusted = ["test-ca", "aosign"]', 'trusted = ["nobody"]', "trusted", "no accepted authority 'nobody'"),
    ('trusted = ["test-ca", "aosign"]', 'trusted = ["jpki"]', "trusted", "no accepted authority 'jpki'"),
    ('id = "card_holder"', 'id = "card_contact"', "blocks", "'card_contact' appears 2 times"),
    ('id = "card_holder"', 'id = "holder"', "blocks", "'card_holder' is missing"),
    ('id = "fax"\nlabel = "FAX"', 'id = "telex"\nlabel = "FAX"', "blocks.company.fields.telex", "no such field"),
    ('id = "fax"\nlabel = "FAX"', 'id = "phone"\nlabel = "FAX"', "blocks.company.fields", "'phone' appears 2 times"),
    ('use = "reception"', 'use = "desk"', "blocks.representative_contact.use", "no field set 'desk'"),
    ('[[field_sets.section]]\nid = "name"', '[[field_sets.other]]\nid = "name"', "field_sets.other", "no block uses it"),
    (
        'categories = ["goods", "services"]',
        'categories = ["goods", "none"]',
        "blocks.company.fields.grades.categories",
        "no category 'none'",
    ),
    ('label = "電話"', 'label = ""', "blocks.company.fields.phone", "needs a label"),
]

TRUST: list[Broken] = [
    ("policies = []", 'policies = ["gold"]', "trust.policies", "'gold' is no OID"),
    ("policies = []", 'policies = ["1.50.2"]', "trust.policies", "'1.50.2' is no OID"),
    ('["1.3.6.1.5.5.7.3.36"]', '["documentSigning"]', "trust.extended_key_usages", "'documentSigning' is no OID"),
    ('["1.3.6.1.5.5.7.3.36"]', '["1.2.3", "1.2.3"]', "trust.extended_key_usages", "'1.2.3' appears 2 times"),
    ("policies = []", 'policies = ["1.2.0392"]', "trust.policies", "'1.2.0392' is no OID"),
    ("policies = []", 'policies = ["2.5.29.32.0"]', "trust.policies", "anyPolicy"),
    ("policies = []", 'policies = ["1.2.3", "1.2.3"]', "trust.policies", "'1.2.3' appears 2 times"),
]

HOURS: list[Broken] = [
    ('open = "09:00"', 'open = "9:00"', "hours.open", "'9:00' is not HH:MM"),
    ('close = "17:15"', 'close = "24:00"', "hours.close", "'24:00' is not HH:MM"),
    ('close = "17:15"', 'close = "09:00"', "hours.close", "after hours.open"),
    ("weekdays = [0, 1, 2, 3, 4, 5]", "weekdays = []", "hours.weekdays", "at least one"),
    ("weekdays = [0, 1, 2, 3, 4, 5]", "weekdays = [7]", "hours.weekdays", "0 (Monday) to 6"),
    ('"12-29"', '"12/29"', "hours.closed_days", "'12/29' is not"),
    ('"12-29"', '"02-30"', "hours.closed_days", "'02-30' is not"),
    ('"2027-03-19T12:00"', '"2027-02-29T12:00"', "hours.closed", "'2027-02-29T12:00' is not YYYY-MM-DDTHH:MM"),
    ('"2027-03-22T09:00"', '"2027-03-22T24:00"', "hours.closed", "'2027-03-22T24:00' is not"),
    ('"2027-06-02T15:00"', '"2027-06-02T13:00"', "agencies.water.closed", "a window must end after its start"),
    ('"2027-06-01"', '"2027-02-29"', "agencies.water.closed_days", "'2027-02-29' is not"),
    ('"2027-06-01"', '"２０２７-06-01"', "agencies.water.closed_days", "is not YYYY-MM-DD"),
]

FIELDS: list[Broken] = [
    ("exact = 8", "exact = 8\nmax = 9", "search.fields.user_id", "exclude each other"),
    ("exact = 8", "max = -8", "search.fields.user_id", "negative"),
    ("exact = 8\n", "", "search.fields.user_id", "needs max or exact"),
    ("exact = 7", "exact = 8", "blocks.representative_contact.fields.postal_code", "exactly 7 characters"),
    ("exact = 7", "max = 6", "blocks.representative_contact.fields.postal_code", "room for 7"),
    ("max = 15", "max = 5", "blocks.company.fields.phone", "room for 6"),
    ('chars = "half_digits"\nmax = 15', "max = 15", "blocks.company.fields.phone", "cannot be full_width"),
    ('kind = "email_again"', 'kind = "email"', "blocks.card_contact.fields.email_again", "must be of kind email_again"),
    ('max = 80\nmark = "必須"\nnote = "(もう一度)"', "max = 79", "blocks.card_contact.fields.email_again", "takes less than email"),
    ("max = 70\n", 'max = 70\nkind = "password"\n', "blocks.representative_contact.fields.address", "kind password is only for"),
    ("max = 70\n", 'max = 70\nkind = "grades"\n', "blocks.representative_contact.fields.address", "kind grades is only for"),
    ("max = 70\n", 'max = 70\nsource = "qualification"\n', "blocks.representative_contact.fields.address.source", "only typed"),
    ('lines = ["物品", "役務"]\n', "", "blocks.company.fields.grades", "need lines and options"),
    ('id = "phone"\nlabel = "電話"', 'id = "phone"\noptions = ["A"]\nlabel = "電話"', "blocks.company.fields.phone", "for grades"),
    ('kind = "grades"\nsource = "qualification"', 'kind = "grades"', "blocks.company.fields.grades", "never typed"),
    ('operations = ["amendment"]', "operations = []", "blocks.company.fields.company_id", "nowhere"),
    ('mark = "任意"', "", "search.fields.password", "optional field needs another mark"),
    ('source = "system"', 'source = "card"', "blocks.company.fields.company_id.source", "only system"),
    ('label = "カードの名義人"\nsource = "card"', 'label = "名義人"\nmax = 9', "blocks.card_holder.fields.person.source", "only card"),
    (
        'id = "email"\nlabel = "メール"\nkind = "email"',
        'id = "phone"\nlabel = "メール"',
        "blocks.card_contact.fields",
        "'email' is missing",
    ),
]

PARTS: list[Broken] = [
    ('key = "user_id"', 'key = "vendor_no"', "search.key", "no field 'vendor_no'"),
    ("exact = 8\n", "exact = 8\nrequired = false\n", "search.fields.user_id.required", "cannot be left out"),
    ("max = 50\n", 'max = 50\ncategories = ["works"]\n', "search.fields.trade_name", "in every category"),
    ("max = 50\n", 'max = 50\nsource = "card"\n', "search.fields.trade_name", "typed"),
    ('"password", ask = "absent"', '"vendor_no", ask = "absent"', "agencies.water.search", "no field 'vendor_no'"),
    ('"password", ask = "absent"', '"user_id", ask = "absent"', "agencies.water.search", "cannot be left out"),
    ('"password", ask = "absent"', '"trade_name", ask = "absent"', "agencies.water.search", "'trade_name' appears 2 times"),
    ('"company.name"]', '"company.surname"]', "renewal.rows", "no field 'company.surname'"),
    ('"company.name"]', '"company.name", "company.name"]', "renewal.rows", "'company.name' appears 2 times"),
    ('rows = ["agency"', 'rows = ["agencies"', "mail.rows", "no field 'agencies'"),
    ('labels = { "agency"', 'labels = { "company.title"', "mail.labels.company.title", "not among mail.rows"),
    ('registration = ["company"', 'registration = ["firm"', "print.registration", "no block 'firm'"),
    ("company_id = true\npropagation", "propagation", "rules.company_id", "does not give"),
    ('[[menu.entries]]\nid = "registration"', '[[menu.entries]]\nid = "bidding"', "menu.entries", "'registration' is missing"),
    ('[[menu.items]]\nid = "amendment"', '[[menu.items]]\nid = "registration"', "menu.items", "'registration' appears 2 times"),
    ('id = "new_password_again"', 'id = "vendor_no"', "password.fields.vendor_no", "kind password is only for"),
    ("min_length = 12", "min_length = 99", "password.min_length", "does not fit"),
    ("symbols = false", "symbols = true", "password.fields.new_password.chars", "asks for symbols"),
    ("[password]\n", '[password]\nelsewhere = "別のシステム"\n', "password.elsewhere", "changed here"),
]


@pytest.mark.parametrize(("stands", "instead", "key", "reason"), [*TYPES, *TEXTS, *IDS, *TRUST, *HOURS, *FIELDS, *PARTS])
def test_a_broken_profile_is_refused_with_file_key_and_reason(tmp_path: Path, stands: str, instead: str, key: str, reason: str) -> None:
    text = MINATO.read_text("utf-8")
    assert stands in text
    path = tmp_path / "minato.toml"
    path.write_text(text.replace(stands, instead, 1), "utf-8")
    with pytest.raises(ProfileError) as caught:
        load(path)
    assert (caught.value.file, caught.value.key) == ("minato.toml", key)
    assert reason in caught.value.reason
    assert all(part in caught.value.remedy for part in ("minato.toml", key, caught.value.reason))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "No such file"),
        (b"", "missing required field"),
        (b'id = "minato"\nname = ', "Invalid value"),
        (b'id = "minato"\nid = "minato"\n', "overwrite"),
        ('id = "港町"'.encode("shift_jis"), "not UTF-8"),
        ('id = "港町"'.encode("utf-16"), "not UTF-8"),
        (b"a = " + b"[" * 5000, "recursion"),
        (b"\x00\x01\x02", "Invalid"),
    ],
)
def test_a_file_that_is_no_toml_is_refused(tmp_path: Path, content: bytes | None, reason: str) -> None:
    path = tmp_path / "minato.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ProfileError) as caught:
        load(path)
    assert caught.value.file == "minato.toml"
    assert reason in caught.value.reason


def test_a_directory_is_no_profile(tmp_path: Path) -> None:
    (tmp_path / "minato.toml").mkdir()
    with pytest.raises(ProfileError, match=r"minato\.toml"):
        load(tmp_path / "minato.toml")


def test_a_password_entry_needs_a_form(tmp_path: Path) -> None:
    text = 'extends = "saitama"\n[[menu.entries]]\nid = "password"\nlabel = "パスワード変更"\n'
    (tmp_path / "saitama.toml").write_text(text, "utf-8")
    with pytest.raises(ProfileError) as caught:
        load(tmp_path / "saitama.toml")
    assert caught.value.key == "menu.entries"


@pytest.mark.parametrize(
    ("label", "purpose", "faults"),
    [
        ("登録", "一行目\n二行目", []),
        ("登\n録", "目的", [("label", "U+000A, which cannot be shown in one line")]),
        ("登録", "目的\x07", [("purpose", "U+0007, which cannot be shown")]),
        ("登録", "目的\u202e", [("purpose", "U+202E, which cannot be shown")]),
        ("登\t録", "目的", [("label", "U+0009, which cannot be shown")]),
    ],
)
def test_a_paragraph_may_have_lines_and_nothing_else_that_cannot_be_seen(label: str, purpose: str, faults: list[tuple[str, str]]) -> None:
    item = MenuItem(id="registration", label=label, purpose=purpose)
    assert list(text_faults(item)) == [(key, f"has the character {reason}") for key, reason in faults]


@pytest.mark.parametrize(
    ("sound", "instead"),
    [("expiry_warning_days = ", "expiry_warning_days = 0 # "), ('"12-29"', '"02-29"'), ('"2027-06-01"', '"2028-02-29"')],
)
def test_what_looks_odd_and_is_sound_is_taken(tmp_path: Path, sound: str, instead: str) -> None:
    text = MINATO.read_text("utf-8")
    assert sound in text
    (path := tmp_path / "minato.toml").write_text(text.replace(sound, instead, 1), "utf-8")
    assert load(path).id == "minato"


def test_after_a_block_that_there_is_not_the_others_are_looked_at() -> None:
    profile = load(MINATO)
    first, second, *rest = profile.blocks
    blocks = (replace(first, id="stranger"), replace(second, use="nothing"), *rest)
    keys = [key for key, _ in contradictions(replace(profile, blocks=blocks))]
    assert f"blocks.{second.id}.use" in keys
    assert "blocks.stranger" in keys
