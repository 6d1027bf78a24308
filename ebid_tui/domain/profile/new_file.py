"""A new municipality's file, from what was answered: what it extends, what differs, and what each part is for."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ebid_tui.domain.profile.extending import whole
from ebid_tui.domain.profile.systems import PACKAGED, Profile, available
from ebid_tui.domain.profile.toml import text_of, value_of
from ebid_tui.domain.roster import columns, of_qualification
from ebid_tui.domain.sample_values import secret, valid
from ebid_tui.errors import ProfileError
from ebid_tui.language import SOURCE, speaking
from ebid_tui.messages import t

USUAL = ("e-probatio-ps2", "diacert-plus", "tdb-type-a", "toinx", "aosign")
"""The authorities of the core system, which most municipalities trust."""


@dataclass(frozen=True, slots=True)
class Base:
    """What a new file extends: `core`, or another municipality's file."""

    id: str
    table: Mapping[str, Any]

    def text(self, *path: str) -> str:
        """What stands there, or nothing. Where the base is no whole system, it says nothing of a municipality."""
        found: Any = self.table
        for key in path:
            found = found.get(key, "") if isinstance(found, Mapping) else ""
        return str(found) if isinstance(found, str | int) else ""

    def names(self, key: str) -> str:
        return "、".join(item["name"] for item in self.table.get(key, ()))

    def search_text(self, key: str) -> str:
        """Of the field under which a vendor is held."""
        search = self.table["search"]
        return next((str(field.get(key, "")) for field in search["fields"] if field["id"] == search["key"]), "")

    def hours(self) -> str:
        hours = self.table.get("hours", {})
        return f"{hours.get('open', '08:30')}-{hours.get('close', '20:00')}"

    def closed_days(self) -> str:
        return "、".join(self.table.get("hours", {}).get("closed_days", ())) or "-"

    def authorities(self) -> str:
        from ebid_tui.domain.issuers import known_issuers

        core = {issuer.id for issuer in known_issuers().issuers if issuer.kind == "core"}
        return "、".join([name for name in self.table.get("trusted", ()) if name in core] or USUAL)


def base_of(system: str, directories: Sequence[Path]) -> Base:
    """Raises ProfileError for an id that nobody knows, with those that there are."""
    files = available(*directories) | {CORE: PACKAGED / "core.toml"}
    if system not in files:
        raise ProfileError(f"{system}.toml", "extends", t("system.no_such", systems=" ".join(files)))
    return Base(system, whole(files[system], (*directories, PACKAGED)).table)


def _listed(text: str) -> list[str]:
    return [name.strip() for name in re.split(r"[、，,]", text) if name.strip() and name.strip() != "-"]


def file_text(base: Base, answers: Mapping[str, str]) -> str:
    """The file of these answers: at most about a hundred lines, each part with a sentence of what it is for.

    In Japanese whatever is spoken: bidders read it, and the municipality's own.
    """
    with speaking(SOURCE):
        return "\n".join(map(str, _lines(base, answers))) + "\n"


def _lines(base: Base, said: Mapping[str, str]) -> Iterator[str]:
    key = base.table["search"]["key"]
    places = [(f"a{number}", name) for number, name in enumerate(_listed(said["agencies"]), start=1)]
    kinds = [(f"c{number}", name) for number, name in enumerate(_listed(said["categories"]), start=1)]
    yield "# " + t("new_file.source", name=said["name"], title=said["title"])
    yield f"id = {text_of(said['id'])}"
    yield f"extends = {text_of(base.id)}"
    left_out = _left_out(base, said)
    if left_out:
        yield f"without = {value_of(left_out)}"
    yield f"name = {text_of(said['name'])}"
    yield f"title = {text_of(said['title'])}"
    yield 'information_service = "入札情報サービス"'
    yield "# " + t("new_file.trusted")
    yield f"trusted = {value_of(_listed(said['authorities']))}"
    yield "# " + t("new_file.ids")
    yield "agencies = ["
    yield from (f"    {{ id = {text_of(place)}, name = {text_of(name)} }}," for place, name in places)
    yield "]"
    yield "# " + t("new_file.realm")
    yield "categories = ["
    yield from (f"    {{ id = {text_of(kind)}, name = {text_of(name)}, realm = {text_of(kind)} }}," for kind, name in kinds)
    yield "]"
    yield from _office(said)
    yield from ("", "[search]", f"lead = {text_of(_lead(said))}", "fields = [  # 検索の画面で入力する項目")
    limit = said["number_characters"]
    note = f"({'半角数字' if limit == 'half_digits' else '半角英数字'}{said['number_length']}文字)"
    number = {"id": key, "label": said["number_label"], "chars": limit, "exact": int(said["number_length"]), "note": note}
    yield f"    {value_of(number | {'help': str(t('new_file.number_help', label=said['number_label']))})},"
    if said["asks_name"] == "yes":
        yield f"    {value_of({**NAME, 'help': str(t('new_file.name_help'))})},"
    if said["password"] != "none":
        yield f"    {value_of({**PASSWORD, 'help': str(t('new_file.password_help'))})},"
    yield "]"
    yield from _password(base, said, number)
    yield from (
        "",
        "# 印刷する画面に出すブロック",
        "[print]",
        'registration = ["company", "representative_contact", "card_holder", "card_contact"]',
    )
    yield 'amendment = ["company", "representative_contact", "card_holder", "card_contact"]'
    if base.table.get("card", {}).get("serial") is None:
        yield from ("", "[card]", 'serial = "decimal_and_hex"')
    if any(item["id"] == "renewal" and "purpose" not in item for item in base.table["menu"]["items"]):
        yield from ("", "[[menu.items]]", 'id = "renewal"', f"purpose = {text_of(t('new_file.renewal'))}")
        yield f"not_for = {text_of(t('new_file.renewal_not_for'))}"
    yield from ("", "[mail]", f"footer = {text_of(t('new_file.mail_footer'))}")
    yield from ("", "[rules]", f"propagation = {'true' if said['propagation'] == 'yes' else 'false'}")


CORE = "core"
"""What is no municipality's."""
PRINTED = ["company", "representative_contact", "card_holder", "card_contact"]
NAME: Mapping[str, Any] = {
    "id": "trade_name",
    "label": "商号又は名称",
    "kind": "name",
    "max": 60,
}
PASSWORD: Mapping[str, Any] = {
    "id": "password",
    "label": "パスワード",
    "kind": "password",
    "chars": "half_alnum_symbols",
    "max": 40,
}


def _left_out(base: Base, said: Mapping[str, str]) -> list[str]:
    """What the base has that this system does not: the lists of another municipality above all."""
    new = {"agencies": {f"a{n}" for n in range(1, 10000)}, "categories": {f"c{n}" for n in range(1, 10000)}}
    found = [f"{key}.{item['id']}" for key, ids in new.items() for item in base.table.get(key, ()) if item["id"] not in ids]
    kept = {base.table["search"]["key"]} | ({"trade_name"} if said["asks_name"] == "yes" else set())
    kept |= {"password"} if said["password"] != "none" else set()
    # Of another municipality none is kept: what is written here would be mixed with what stands there.
    mixed = base.id != CORE
    found += [f"search.fields.{field['id']}" for field in base.table["search"]["fields"] if mixed or field["id"] not in kept]
    found += [
        f"blocks.{block['id']}.fields.{field['id']}"
        for block in base.table["blocks"]
        for field in block.get("fields", ())
        if "categories" in field
    ]
    if "password" in base.table:
        found.append("password")
    if said["password"] != "changed_here":
        found += [f"menu.entries.{entry['id']}" for entry in base.table["menu"]["entries"] if entry["id"] == "password"]
    return found


def _office(said: Mapping[str, str]) -> Iterator[str]:
    opens, closes = said["hours"].split("-")
    yield from ("", "# 受付時間（日本時間）と休み", "[hours]", f"open = {text_of(opens)}", f"close = {text_of(closes)}")
    yield "weekdays = [0, 1, 2, 3, 4]  # 0 は月曜日"
    yield "holidays = true  # 祝日は休み"
    yield f"closed_days = {value_of(_listed(said['closed_days']))}"
    for table, about in (("contact", "資格と制度の問い合わせ先"), ("helpdesk", "操作の問い合わせ先")):
        yield from ("", f"# {about}", f"[{table}]", f"name = {text_of(said[table])}")
        if said[f"{table}_phone"] != "-":
            yield f"phone = {text_of(said[f'{table}_phone'])}"


def _lead(said: Mapping[str, str]) -> str:
    asked = [said["number_label"]]
    asked += ["商号又は名称"] if said["asks_name"] == "yes" else []
    asked += ["パスワード"] if said["password"] != "none" else []
    return str(t("new_file.search_lead", asked="・".join(asked)))


def _password(base: Base, said: Mapping[str, str], number: Mapping[str, Any]) -> Iterator[str]:
    if said["password"] == "none":
        return
    yield from ("", "# パスワードをだれがどこで変えるか", "[password]")
    match said["password"]:
        case "as_notified":
            yield from ('initial = "use_as_is"', 'changed = "nowhere"')
        case "changed_elsewhere":
            yield from ('initial = "use_as_is"', 'changed = "elsewhere"', f"elsewhere = {text_of(said['password_elsewhere'])}")
        case "changed_here":
            yield from ('initial = "must_change"', 'changed = "here"', 'title = "パスワード変更"', "min_length = 8", "fields = [")
            labels = {"password": "いまのパスワード", "new_password": "新しいパスワード", "new_password_again": "新しいパスワード(確認)"}
            yield f"    {value_of(number)},"
            yield from (f"    {value_of({**PASSWORD, 'id': name, 'label': label})}," for name, label in labels.items())
            yield "]"
            entries = [dict(entry) for entry in base.table["menu"]["entries"] if entry["id"] != "password"]
            entries.append({"id": "password", "label": "パスワード変更", "explanation": str(t("new_file.password_first"))})
            yield from ("", "[menu]", "entries = [", *(f"    {value_of(entry)}," for entry in entries), "]")


def roster_text(profile: Profile) -> str:
    """A sample of the roster that `admin import-roster` takes: two vendors at every agency and category, as CSV."""
    named = columns(profile)
    key = next(field for field in profile.search.fields if field.id == profile.search.key)
    asked = {field.id: field for field in profile.search.fields}
    out = io.StringIO()
    names = [name for name in named.names if name not in (named.password_state, named.password_changed, named.branch)]
    writer = csv.DictWriter(out, dict.fromkeys(names), extrasaction="ignore")
    writer.writeheader()
    for number in (1, 2):
        row = {
            named.number: valid(key, number),
            named.trade_name: f"見本商会{'０１' if number == 1 else '０２'}株式会社",
            named.state: "審査済",
        }
        row |= {named.login_id: valid(asked["user_id"], number)} if named.login_id else {}
        row |= {named.password: secret(asked["password"], number)} if "password" in asked else {}
        row |= {named.company[field.id]: SAMPLE.get(field.id, "") for field in of_qualification(profile) if field.id in named.company}
        row |= {column: valid(asked[name], number) for name, column in named.search.items()}
        for agency in profile.agencies:
            for category in profile.categories_of(agency.id):
                writer.writerow(row | {named.agency: agency.name, named.category: category.name})
    return out.getvalue()


SAMPLE: Mapping[str, str] = {
    "postal_code": "100-0001",
    "address": "東京都千代田区千代田１－１",
    "representative": "見本　一郎",
    "title": "代表取締役",
    "phone": "03-0000-0001",
    "fax": "03-0000-0002",
    "department": "本店",
}
