"""What else a municipality might think of: the made-up system, changed in one way each.

`WORKING` must go through every flow; `REFUSED` must be refused by the loader, with the key and a reason.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

MINATO = Path(__file__).resolve().parents[1] / "domain" / "profiles" / "minato.toml"
Raw = dict[str, Any]
Change = Callable[[Raw], object]


def changed(system: str, change: Change) -> str:
    """The made-up system's file under another id, after a change."""
    raw = tomllib.loads(MINATO.read_text("utf-8"))
    raw["id"] = system
    change(raw)
    return written(raw)


def written(raw: Raw) -> str:
    """A table as the text of a file."""
    return "".join(f"{key} = {_toml(value)}\n" for key, value in raw.items())


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {_toml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


# ---- parts of a file -------------------------------------------------------------------------------------------------


def item(items: list[Raw], wanted: str) -> Raw:
    return next(i for i in items if i["id"] == wanted)


def drop(items: list[Raw], *unwanted: str) -> None:
    items[:] = [i for i in items if i["id"] not in unwanted]


def fields(raw: Raw, block: str) -> list[Raw]:
    """A block's own fields."""
    found: list[Raw] = item(raw["blocks"], block)["fields"]
    return found


def shown(name: str, label: str) -> Raw:
    return {"id": name, "label": label, "source": "qualification"}


def typed(name: str, label: str, **more: Any) -> Raw:
    return {"id": name, "label": label, "max": 20} | more


def of_card(name: str, label: str) -> Raw:
    return {"id": name, "label": label, "source": "card"}


MAIL = {"kind": "email", "chars": "half_alnum_symbols", "max": 60}
AGAIN = {"kind": "email_again", "chars": "half_alnum_symbols", "max": 60}

# ---- what must work --------------------------------------------------------------------------------------------------


def no_fax(raw: Raw) -> None:
    drop(fields(raw, "company"), "fax")


def further_shown_fields(raw: Raw) -> None:
    fields(raw, "company").extend([shown("department", "本店支店"), shown("title", "役職"), shown("vendor_no", "番号")])


def longer_number(raw: Raw) -> None:
    for number in (raw["search"]["fields"][0], raw["password"]["fields"][0]):
        del number["exact"]
        number["max"] = 12


def vendor_no_is_the_key(raw: Raw) -> None:
    raw["search"]["key"] = "vendor_no"
    for number in (raw["search"]["fields"][0], raw["password"]["fields"][0]):
        number["id"] = "vendor_no"
    fields(raw, "company").insert(0, shown("vendor_no", "登録番号"))


def registration_only(raw: Raw) -> None:
    drop(raw["menu"]["items"], "amendment", "renewal")


def no_registration_in_the_menu(raw: Raw) -> None:
    drop(raw["menu"]["items"], "registration")


def mail_without_company(raw: Raw) -> None:
    raw["mail"] |= {"rows": ["card_contact.person"], "labels": {}, "footer": ""}


def mail_of_the_certificate(raw: Raw) -> None:
    rows = ["card_certificate.serial", "card_certificate.issuer", "card_certificate.not_after", "company.grades", "card_holder.company"]
    raw["mail"] |= {"rows": rows, "labels": {}}


def mail_that_says_nothing(raw: Raw) -> None:
    raw["mail"] |= {"rows": [], "labels": {}}


def print_of_the_card_contact(raw: Raw) -> None:
    raw["print"] |= {"registration": ["card_contact"], "amendment": ["card_contact"]}


def no_passwords(raw: Raw) -> None:
    del raw["password"], raw["search"]["notified_password"]
    drop(raw["search"]["fields"], "password")
    drop(raw["menu"]["entries"], "password")
    for agency in raw["agencies"]:
        agency["search"] = [o for o in agency.get("search", []) if o["field"] != "password"]
    for category in raw["categories"]:
        category.pop("card_free", None)


def password_changed_elsewhere(raw: Raw) -> None:
    raw["password"] = {"elsewhere": "港町業者サイト"}
    raw["search"]["notified_password"] = "in_force"
    drop(raw["menu"]["entries"], "password")


def password_changed_nowhere(raw: Raw) -> None:
    raw["password"] = {"initial": "use_as_is", "changed": "nowhere", "counts": "next_day"}
    raw["search"]["notified_password"] = "automatic"
    drop(raw["menu"]["entries"], "password")


def password_to_be_changed_elsewhere(raw: Raw) -> None:
    raw["password"] = {"initial": "must_change", "changed": "elsewhere", "elsewhere": "港町業者サイト", "expires_days": 90}
    drop(raw["menu"]["entries"], "password")


def agency_after_pin(raw: Raw) -> None:
    raw["menu"]["agency_asked"] = "after_pin"


def secret_number(raw: Raw) -> None:
    for number in (raw["search"]["fields"][0], raw["password"]["fields"][0]):
        number["secret"] = True


def fields_of_the_searchs_own(raw: Raw) -> None:
    raw["search"]["fields"] += [
        typed("x-owner", "代表者の名", max=4), typed("x-word", "合言葉", chars="half_alnum", secret=True),
    ]  # fmt: skip


def fields_of_the_forms_own(raw: Raw) -> None:
    optional = {"required": False, "mark": "任意"}
    fields(raw, "company").append(typed("x-branch-code", "支店の番号", chars="half_digits", max=0, exact=6, pad=6))
    fields(raw, "company").append(shown("x-rank", "格付"))
    fields(raw, "card_contact").append(typed("x-duty", "役職"))
    fields(raw, "card_contact").append(typed("x-mail", "予備のメール", **MAIL | optional))
    raw["mail"]["rows"].append("card_contact.x-duty")


def registered_card_vouches(raw: Raw) -> None:
    raw["password"]["card_sign_in"] = True


def one_agency(raw: Raw) -> None:
    drop(raw["agencies"], "water", "port")
    item(raw["categories"], "services")["agencies"] = []


def one_of_each(raw: Raw) -> None:
    one_agency(raw)
    drop(raw["categories"], "goods", "services")
    item(raw["blocks"], "company")["fields"] = [f for f in fields(raw, "company") if f["id"] != "grades"]


def one_realm(raw: Raw) -> None:
    for category in raw["categories"]:
        category["realm"] = "every"


def stricter_renewal(raw: Raw) -> None:
    raw["renewal"] |= {"different_ca": "stop", "different_company": "ask", "new_pin": "always"}
    raw["renewal"]["rows"] = ["card_holder.person", "card_certificate.serial", "card_holder.company"]


def nothing_of_its_own(raw: Raw) -> None:
    """Every setting as it is when nothing is said."""
    raw["rules"] = {}
    drop(fields(raw, "company"), "company_id")
    raw["print"] |= {"company_id": False}
    raw["mail"] |= {"rows": ["agency"], "labels": {}}
    for key in ("brand", "information_service", "character_set", "agency_title", "category_title", "hours"):
        del raw[key]


def company_all_shown(raw: Raw) -> None:
    drop(fields(raw, "company"), "phone", "fax")


def least_forms(raw: Raw) -> None:
    raw["field_sets"] = {}
    item(raw["blocks"], "company")["fields"] = [shown("name", "名称"), {"id": "company_id", "label": "番号", "source": "system"}]
    item(raw["blocks"], "representative_contact").update(use="", fields=[])
    item(raw["blocks"], "card_contact").update(use="", fields=[typed("email", "メール", **MAIL)])
    raw["renewal"]["rows"] = ["card_holder.company", "card_holder.person", "card_certificate.issuer"]
    raw["mail"] |= {"rows": ["agency"], "labels": {}}
    raw["roster"]["company"] = {}


def number_shown_at_registration(raw: Raw) -> None:
    item(fields(raw, "company"), "company_id")["operations"] = ["registration", "amendment", "renewal"]
    raw["rules"]["representative_contact_of_later_cards"] = "editable"


def blocks_in_reverse(raw: Raw) -> None:
    raw["blocks"].reverse()


def mail_typed_once(raw: Raw) -> None:
    drop(fields(raw, "card_contact"), "email_again")


def mail_typed_twice_everywhere(raw: Raw) -> None:
    again = [typed("email", "窓口メール", **MAIL), typed("email_again", "窓口メール(確認)", **AGAIN)]
    item(raw["blocks"], "representative_contact")["fields"] = again


def password_of_symbols(raw: Raw) -> None:
    raw["password"] |= {"symbols": True, "letters": False, "digits": False, "min_length": 1}
    for field in raw["password"]["fields"][1:]:
        field["chars"] = "half_alnum_symbols"
    item(raw["search"]["fields"], "password")["chars"] = "half_alnum_symbols"


def password_with_name(raw: Raw) -> None:
    raw["password"]["fields"].insert(1, typed("trade_name", "会社名", kind="name"))
    raw["search"]["password_change_delays"] = False


def holder_from_a_field_set(raw: Raw) -> None:
    raw["field_sets"]["card"] = [of_card(n, f"カードの{n}") for n in ("person", "address", "company_address", "company")]
    item(raw["blocks"], "card_holder").update(use="card", fields=[])


def other_classes(raw: Raw) -> None:
    sets = raw["field_sets"]
    item(sets["reception"], "postal_code").update(chars="half_digits_symbols", exact=8)
    item(sets["reception"], "name").update(max=0, exact=5)
    item(sets["section"], "person").update(chars="half_alnum", max=3)
    sets["section"].append(typed("phone", "電話", kind="phone", chars="half_digits_symbols", max=6))


def open_always(raw: Raw) -> None:
    raw["hours"] = {"open": "00:00", "close": "23:59", "weekdays": [0, 1, 2, 3, 4, 5, 6], "holidays": False}


def names_that_are_numbers(raw: Raw) -> None:
    for items, names in ((raw["agencies"], "231"), (raw["categories"], "312")):
        for thing, name in zip(items, names, strict=True):
            thing["name"] = name


def long_words(raw: Raw) -> None:
    for field in [f for block in raw["blocks"] for f in block.get("fields", [])] + raw["search"]["fields"]:
        field["label"] += "あ" * 60
        field["note"] = "（" + "い" * 60 + "）"
        field["help"] = "う" * 300
    for words in (raw["menu"]["items"], raw["menu"]["entries"]):
        for entry in words:
            entry["label"] += "え" * 60
    raw["confirmation"]["question"] += "お" * 300
    raw["title"] += "か" * 60
    raw["search"]["submit"] += "き" * 60


def serial_both_ways(raw: Raw) -> None:
    raw["card"] |= {"serial": "decimal_and_hex", "renewal_serial": "decimal_and_hex"}
    raw["rules"]["expiry_warning_days"] = 100_000


def every_text_of_a_sentence(raw: Raw) -> None:
    raw["registration_form"]["lead"] = "一行目です。\n二行目です。"
    raw["print"]["note"] = "一行目です。\n二行目です。"


WORKING: tuple[Change, ...] = (
    no_fax,
    further_shown_fields,
    longer_number,
    vendor_no_is_the_key,
    registration_only,
    no_registration_in_the_menu,
    mail_without_company,
    mail_of_the_certificate,
    mail_that_says_nothing,
    print_of_the_card_contact,
    no_passwords,
    password_changed_elsewhere,
    password_changed_nowhere,
    password_to_be_changed_elsewhere,
    agency_after_pin,
    secret_number,
    fields_of_the_searchs_own,
    fields_of_the_forms_own,
    registered_card_vouches,
    one_agency,
    one_of_each,
    one_realm,
    stricter_renewal,
    nothing_of_its_own,
    company_all_shown,
    least_forms,
    number_shown_at_registration,
    blocks_in_reverse,
    mail_typed_once,
    mail_typed_twice_everywhere,
    password_of_symbols,
    password_with_name,
    holder_from_a_field_set,
    other_classes,
    open_always,
    names_that_are_numbers,
    long_words,
    serial_both_ways,
    every_text_of_a_sentence,
)

# ---- what must be refused --------------------------------------------------------------------------------------------


def _set(where: Callable[[Raw], Raw], **values: Any) -> Change:
    return lambda raw: where(raw).update(deepcopy(values))


def _mail(raw: Raw) -> Raw:
    return item(fields(raw, "card_contact"), "email")


def _phone(raw: Raw) -> Raw:
    return item(fields(raw, "company"), "phone")


def _port_has_nothing(raw: Raw) -> None:
    for category in raw["categories"]:
        category["agencies"] = ["town", "water"]


def _card_free_without_password(raw: Raw) -> None:
    no_passwords(raw)
    item(raw["categories"], "goods")["card_free"] = True


def _never_in_force(raw: Raw) -> None:
    password_changed_nowhere(raw)
    raw["password"]["initial"] = "must_change"


def _number_shown(raw: Raw) -> None:
    secret_number(raw)
    fields(raw, "company").append(shown("vendor_no", "番号"))


REFUSED: dict[str, tuple[Change, str, str]] = {
    "passwords that are never in force": (_never_in_force, "password.initial", "none could ever be in force"),
    "a secret number that is shown": (_number_shown, "blocks.company.fields.vendor_no", "secret"),
    "an agency without a category": (_port_has_nothing, "agencies.port", "has no category"),
    "mail that may be left out": (_set(_mail, required=False, mark=""), "blocks.card_contact.fields.email", "required"),
    "mail in one category": (_set(_mail, categories=["works"]), "blocks.card_contact.fields.email", "every category"),
    "mail that amendment forgets": (_set(_mail, operations=["registration"]), "blocks.card_contact.fields.email.operations", "amendment"),
    "a phone for registration only": (_set(_phone, operations=["registration"]), "blocks.company.fields.phone.operations", "amendment"),
    "a card of nobody": (
        lambda raw: drop(fields(raw, "card_holder"), "person"),
        "blocks.card_holder.fields.person",
        "whose card it is",
    ),
    "whose card, in one flow only": (
        _set(lambda raw: fields(raw, "card_holder")[0], operations=["renewal"]),
        "blocks.card_holder.fields.company",
        "whose card it is",
    ),
    "a renewal that shows no holder": (
        _set(lambda raw: raw["renewal"], rows=["card_holder.company", "card_certificate.issuer"]),
        "renewal.rows",
        "'card_holder.person' is missing",
    ),
    "a roster of fields that nobody has": (
        lambda raw: raw["roster"]["company"].update(adress="所在地"),
        "roster.company.adress",
        "no field of block company",
    ),
    "an authority to be asked about unseen": (
        lambda raw: raw["renewal"]["rows"].remove("card_certificate.issuer"),
        "renewal.rows",
        "'card_certificate.issuer' is missing",
    ),
    "a renewal that compares contacts": (
        lambda raw: raw["renewal"]["rows"].append("card_contact.person"),
        "renewal.rows",
        "no field 'card_contact.person'",
    ),
    "nothing to print": (_set(lambda raw: raw["print"], registration=[]), "print.registration", "at least one"),
    "no print of an amendment": (_set(lambda raw: raw["print"], amendment=[]), "print.amendment", "at least one"),
    "a block printed twice": (_set(lambda raw: raw["print"], registration=["company"] * 2), "print.registration", "2 times"),
    "no card and no password": (_card_free_without_password, "categories.goods.card_free", "no password"),
    "a number that nobody gives": (
        lambda raw: (_set(lambda r: r["rules"], company_id=False)(raw), raw["print"].update(company_id=False)),
        "rules.company_id",
        "does not give",
    ),
    "an address to repeat before it was typed": (
        lambda raw: fields(raw, "card_contact").reverse(),
        "blocks.card_contact.fields.email_again",
        "comes after email",
    ),
    "a password for other numbers": (
        _set(lambda raw: raw["password"]["fields"][0], exact=10),
        "password.fields.user_id",
        "other numbers than the search",
    ),
    "days before the end": (_set(lambda raw: raw["rules"], expiry_warning_days=-1), "rules.expiry_warning_days", "negative"),
    "a button without a word": (_set(lambda raw: raw["confirmation"], submit=" "), "confirmation.submit", "cannot be empty"),
    "a menu item without a word": (_set(lambda raw: raw["menu"]["items"][0], label=""), "menu.items.registration.label", "empty"),
    "a title that moves the cursor": (_set(lambda raw: raw, title="港町\x1b[2J"), "title", "U+001B"),
    "a subject of two lines": (_set(lambda raw: raw["mail"], subject="a\nBcc: b@example.com"), "mail.subject", "U+000A"),
    "a label of two lines": (_set(_phone, label="電\n話"), "blocks.company.fields.phone.label", "in one line"),
    "a label written backwards": (_set(_phone, label="電\u202e話"), "blocks.company.fields.phone.label", "U+202E"),
    "a tab": (_set(_phone, help="a\tb"), "blocks.company.fields.phone.help", "U+0009"),
}
