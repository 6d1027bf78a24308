"""Systems that nobody thought of: every setting drawn, so that most of them are such as `system check` accepts."""

from __future__ import annotations

from functools import cache
from typing import Any

import hypothesis.strategies as st

from ebid_tui.domain.profile.extending import whole
from ebid_tui.domain.profile.systems import PACKAGED
from tests.e2e.variations import AGAIN, MAIL, Raw

Draw = st.DrawFn
CLASSES = ("full_width", "half_alnum", "half_digits", "half_digits_symbols", "half_alnum_symbols")
OPERATIONS = ("registration", "amendment", "renewal")
WORDS = ("港", "山", "川", "東", "西", "水道", "病院", "企業団", "市民", "中央")
SHOWN = ("postal_code", "address", "representative", "title")
CONTACT = ("name", "postal_code", "address", "person", "phone", "fax")
NUMBER_CLASSES = ("half_alnum", "half_alnum_symbols")
"""The tests' vendor has letters in its number."""


@cache
def _core() -> Raw:
    return whole(PACKAGED / "core.toml", (PACKAGED,)).table


def some(draw: Draw, things: tuple[str, ...], least: int = 0) -> list[str]:
    """A few of them, in any order."""
    return draw(st.lists(st.sampled_from(things), min_size=min(least, len(things)), max_size=len(things), unique=True))


def chance(draw: Draw, of: int = 2) -> bool:
    """True once in `of` times; where it makes things simpler, False."""
    return draw(st.integers(0, of - 1)) == of - 1


def label(draw: Draw, stem: str) -> str:
    """A label of its own: what the documents call a thing may be anything."""
    return stem + draw(st.sampled_from(("", "（" + "漢字" * 9 + "）", "欄", " / X")))


def limited(draw: Draw, least: int, most: int) -> Raw:
    length = draw(st.integers(least, most))
    return {"exact" if chance(draw, 4) else "max": length}


# ---- one table each ----------------------------------------------------------------------------------------------------


def agencies(draw: Draw, optional: list[str]) -> list[Raw]:
    """One to twelve; some ask less of the search than others."""
    found = []
    for number in range(draw(st.sampled_from((1, 1, 2, 3, 12)))):
        agency: Raw = {"id": f"a{number}", "name": f"{draw(st.sampled_from(WORDS))}{number}"}
        if optional and chance(draw, 3):
            asks = [{"field": f, "ask": draw(st.sampled_from(("required", "optional", "absent")))} for f in some(draw, tuple(optional))]
            agency["search"] = asks
        if chance(draw, 4):
            agency["closed_days"] = ["2027-06-01", "12-28"]
            agency["closed"] = [{"start": "2031-03-20T17:00", "end": "2031-03-23T09:00"}]
        found.append(agency)
    return found


def categories(draw: Draw, places: list[Raw], password: bool) -> list[Raw]:
    """One to four, in realms of one or of several; the first is everywhere."""
    found = []
    for number in range(draw(st.integers(1, 4))):
        category: Raw = {"id": f"c{number}", "name": f"区分{number}", "realm": draw(st.sampled_from(("one", "other")))}
        if number and chance(draw, 3):
            category["agencies"] = some(draw, tuple(a["id"] for a in places), least=1)
        if chance(draw, 3):
            category["branch_name"] = "refuse"
        if password and chance(draw, 3):
            category["card_free"] = True
        found.append(category)
    return found


def key_field(draw: Draw, key: str) -> Raw:
    number: Raw = {"id": key, "label": label(draw, "番号"), "chars": draw(st.sampled_from(NUMBER_CLASSES))}
    return number | draw(st.sampled_from(({"exact": 8}, {"max": 8}, {"max": 20}, {"exact": 8, "pad": 8})))


def search(draw: Draw, number: Raw, password: bool) -> Raw:
    fields = [number]
    if chance(draw):
        fields.append({"id": "trade_name", "label": label(draw, "会社名"), "kind": "name", "max": draw(st.integers(10, 60))})
    if password:
        chars = draw(st.sampled_from(("half_alnum", "half_alnum_symbols")))
        fields.append({"id": "password", "label": "合言葉", "kind": "password", "chars": chars, "max": draw(st.integers(16, 256))})
    if chance(draw, 3):
        fields.append({"id": "x-own", "label": "代表者の名", "max": draw(st.integers(4, 30))})
    if password and chance(draw, 4):
        fields.append({"id": "x-word", "label": "暗証", "chars": "half_alnum", "max": 16, "secret": True})
    found: Raw = _core()["search"] | {"key": number["id"], "lead": "探します。", "fields": draw(st.permutations(fields))}
    return found | {"show_agency": chance(draw)}


def password_table(draw: Draw, number: Raw, chars: str) -> Raw:
    """Changed here, elsewhere or nowhere; as it is or after a change."""
    where = draw(st.sampled_from(("here", "elsewhere", "nowhere")))
    common: Raw = {"changed": where, "counts": draw(st.sampled_from(("at_once", "next_day")))} if where != "here" else {"changed": where}
    if chance(draw, 3):
        common["reset_application"] = "申請書"
    match where:
        case "elsewhere":
            return common | {"elsewhere": "受付", "initial": draw(st.sampled_from(("must_change", "use_as_is")))}
        case "nowhere":
            return common | {"initial": "use_as_is"}
    secret = {"kind": "password", "chars": chars, "max": 40}
    fields = [number] + [{"id": i, "label": i} | secret for i in ("password", "new_password", "new_password_again")]
    policy = {"min_length": draw(st.integers(1, 8)), "symbols": chars == "half_alnum_symbols" and chance(draw)}
    return common | policy | {"title": "変更", "fields": fields}


def typed_contact(draw: Draw, name: str) -> Raw:
    required = chance(draw)
    field: Raw = {"id": name, "label": label(draw, f"連絡先{name}"), "required": required, "mark": "(必須)" if required else ""}
    match name:
        case "postal_code":
            return (
                field
                | {"kind": "postal_code"}
                | draw(st.sampled_from(({"chars": "half_digits_symbols", "max": 8}, {"chars": "half_digits", "exact": 7})))
            )
        case "phone" | "fax":
            return field | {"kind": "phone", "chars": draw(st.sampled_from(CLASSES[2:4])), "max": draw(st.integers(6, 25))}
        case _:
            return field | {"chars": draw(st.sampled_from(CLASSES))} | limited(draw, 1, 60)


def own(draw: Draw) -> list[Raw]:
    """Fields that nothing but the file knows, of any class and kind."""
    required = chance(draw)
    kinds: tuple[Raw, ...] = (
        {"chars": draw(st.sampled_from(CLASSES))} | limited(draw, 1, 60),
        {"chars": "half_digits", "exact": 8, "pad": 8},
        {"max": 20, "pattern": "第[０-９]+号|なし", "pattern_says": "「第１号」のように入力してください。"},
        {"chars": "half_alnum", "exact": 8, "pattern": "[A-Z]{2}[0-9]*", "pattern_says": "英字2文字と数字6文字です。"},
        {"kind": "phone", "chars": "half_digits_symbols", "max": 25},
        {"kind": "postal_code", "chars": "half_digits", "exact": 7},
        MAIL,
    )
    common: Raw = {"label": label(draw, "町の項目"), "required": required, "mark": "(必須)" if required else ""}
    found: list[Raw] = [{"id": f"x-own-{number}"} | draw(st.sampled_from(kinds)) | common for number in range(draw(st.integers(0, 2)))]
    if found and chance(draw):
        found[0]["categories"] = ["c0"]
    return found


def contact(draw: Draw, mail: bool) -> list[Raw]:
    fields = [typed_contact(draw, name) for name in some(draw, CONTACT)]
    if mail or chance(draw):
        twice = chance(draw)
        fields.append({"id": "email", "label": "メール", **MAIL})
        if twice:
            fields.append({"id": "email_again", "label": "メール（再）", **AGAIN})
    return fields + own(draw)


def blocks(draw: Draw, company_id: bool, number: Raw) -> list[Raw]:
    company: list[Raw] = [{"id": "name", "label": "名称", "source": "qualification"}]
    company += [{"id": i, "label": label(draw, i), "source": "qualification"} for i in some(draw, SHOWN)]
    company += [typed_contact(draw, i) for i in some(draw, ("phone", "fax", "department"))]
    company += own(draw)
    if company_id:
        company.append({"id": "company_id", "label": "企業番号", "source": "system", "operations": ["amendment"]})
    if chance(draw, 3):
        company.append({"id": "vendor_no", "label": "業者の番号", "source": "qualification", "operations": some(draw, OPERATIONS, 1)})
    holder = [
        {"id": i, "label": f"カードの{i}", "source": "card"} for i in ("company", "person", *some(draw, ("address", "company_address")))
    ]
    four = [
        {"id": "company", "title": "会社", "fields": company},
        {"id": "representative_contact", "title": label(draw, "窓口"), "fields": contact(draw, mail=False)},
        {"id": "card_holder", "title": "利用部署", "fields": holder},
        {"id": "card_contact", "title": draw(st.sampled_from(("", "カードの連絡先"))), "fields": contact(draw, mail=True)},
    ]
    return draw(st.permutations(four)) if chance(draw, 4) else four


def rows_of(draw: Draw, shown: list[Raw]) -> list[str]:
    """What a renewal compares: what it must, and some of the rest."""
    rest = [f"{b['id']}.{f['id']}" for b in shown if b["id"] in ("company", "card_holder") for f in b["fields"]]
    needed = ["card_holder.company", "card_holder.person", "card_certificate.issuer"]
    further = some(draw, tuple(r for r in rest if r not in needed)) if len(rest) > 2 else []
    return draw(st.permutations(needed + further))


def acceptance(draw: Draw, places: list[Raw], kinds: list[Raw], offered: tuple[str, ...]) -> Raw:
    """What waits for its acceptance: nothing, everything, or some operations, categories and agencies."""

    def kind() -> Raw:
        chosen = draw(st.sampled_from(("immediate", "papers", "approval")))
        more = {"papers": ["届", "委任状"], "hand_in": "郵送してください。"} if chosen == "papers" else {}
        return {"kind": chosen} | more | ({"says": "しばらくかかります。"} if chosen != "immediate" and chance(draw) else {})

    made = kind()
    if chance(draw):
        case = {"operations": some(draw, offered, 1)} | kind()
        case |= {"agencies": some(draw, tuple(a["id"] for a in places), 1)} if chance(draw, 3) else {}
        case |= {"categories": some(draw, tuple(c["id"] for c in kinds), 1)} if chance(draw, 3) else {}
        made["by"] = [case]
    return made


def rules(draw: Draw, company_id: bool) -> Raw:
    return {
        "abbreviated_name": draw(st.sampled_from(("refuse", "allow"))),
        "holder": draw(st.sampled_from(("ask", "must_match", "any"))),
        "representative_contact_of_later_cards": draw(st.sampled_from(("editable", "read_only"))),
        "unlock_by_card": chance(draw, 3),
        "propagation": chance(draw, 3),
        "expiry_warning_days": draw(st.sampled_from((0, 60, 900))),
        "company_id": company_id,
        "logout": draw(st.sampled_from(("closes", "asks"))),
    }


def menu(draw: Draw, changed_here: bool) -> Raw:
    core = _core()["menu"]
    texts = {"amendment": "変更します。", "renewal": "更新します。", "registration": "登録します。"}
    kept = ["registration", *some(draw, ("amendment", "renewal"))]
    items = [{"id": i, "label": label(draw, i), "purpose": texts[i]} for i in draw(st.permutations(kept))]
    entries = [{"id": "registration", "label": "手続き"}]
    entries += [{"id": "bidding", "label": "入札"}] if chance(draw) else []
    entries += [{"id": "password", "label": "合言葉の変更"}] if changed_here and chance(draw) else []
    made: Raw = core | {"items": items, "entries": entries, "agency_asked": draw(st.sampled_from(("before_pin", "after_pin")))}
    return made


@st.composite
def profiles(draw: Draw) -> Raw:
    """A system's whole file as a table, but for its id."""
    core = _core()
    password, company_id = chance(draw), chance(draw, 3)
    number = key_field(draw, draw(st.sampled_from(("vendor_no", "user_id"))))
    asked = search(draw, number, password)
    chars = next((f["chars"] for f in asked["fields"] if f["id"] == "password"), "half_alnum")
    made: Raw = {key: core[key] for key in ("hours", "pin_dialog", "registration_form", "amendment_form", "confirmation")}
    made |= {"amendment_confirmation": core["amendment_confirmation"], "name": "町", "title": label(draw, "町の調達"), "brand": "X"}
    made |= {"trusted": ["test-ca", "aosign"], "contact": {"name": "契約課"}, "helpdesk": {"name": "窓口"}}
    made["character_set"] = draw(st.sampled_from(("jisx0208", "cp932")))
    if password:
        made["password"] = password_table(draw, number, chars)
    made["agencies"] = agencies(draw, [f["id"] for f in asked["fields"] if f["id"] in ("trade_name", "x-own")])
    made["categories"] = categories(draw, made["agencies"], password)
    made["menu"] = menu(draw, password and made["password"]["changed"] == "here")
    if chance(draw):
        offered = tuple(item["id"] for item in made["menu"]["items"])
        made["acceptance"] = acceptance(draw, made["agencies"], made["categories"], offered)
    made |= {"search": asked, "blocks": blocks(draw, company_id, number), "rules": rules(draw, company_id)}
    choices: Raw = {"different_ca": ("stop", "ask"), "different_company": ("stop", "ask"), "new_pin": ("always", "if_different")}
    drawn = {key: draw(st.sampled_from(values)) for key, values in choices.items()}
    made["renewal"] = core["renewal"] | drawn | {"rows": rows_of(draw, made["blocks"])}
    made["card"] = core["card"] | {"serial": draw(st.sampled_from(("decimal", "decimal_and_hex")))}
    ids = tuple(b["id"] for b in made["blocks"])
    made["print"] = {"registration": some(draw, ids, 1), "amendment": some(draw, ids, 1), "company_id": company_id and chance(draw)}
    known = tuple(f"{b['id']}.{f['id']}" for b in made["blocks"] for f in b["fields"] if f["id"] != "email_again")
    made["mail"] = core["mail"] | {"rows": some(draw, ("agency", *known))}
    return made


def ids_of(batch: list[Any]) -> list[str]:
    """An id for each of a batch's systems."""
    return [f"drawn{number:02}" for number in range(len(batch))]
