"""`:fill` and `:copy` in line mode do what F4 and F5 do on the screens, and R-37's mark is said."""

from __future__ import annotations

import os
import pty
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ebid_tui.flows.register_pages import COMPANY_AS_CONTACT
from ebid_tui.flows.ui import Fill, Form, Nav
from ebid_tui.messages import t
from ebid_tui.plain.keyboard import Keyboard
from ebid_tui.plain.script import Script
from ebid_tui.plain.voice import PlainUi
from tests.flows.office import COMPANY, CONTACT, Office
from tests.plain.conftest import Run, RunAt
from tests.plain.test_script import END, ENTRANCE, FORM, PIN, SEARCH
from tests.screens import scripted
from tests.screens.plastic import Hand

OWN = "representative_contact.email: hanako@example.co.jp\ncompany.department: 工事部\n"
FILL = "representative_contact.name: :fill\n"


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def run(run_at: RunAt, office: Office) -> Run:
    return run_at(office)


@pytest.mark.parametrize("word", [":fill", "：埋める"])
def test_what_the_company_has_becomes_the_preset_of_what_is_empty(run: Run, office: Office, word: str) -> None:
    script = ENTRANCE + PIN + SEARCH + FILL.replace(":fill", word) + "representative_contact.person: 担当 花子\n" + OWN + END
    assert run(script) == 0, run.out + run.err
    contact = office.statements[0].blocks["representative_contact"]
    assert (contact["name"], contact["address"], contact["person"]) == ("工事部", COMPANY["address"], "担当　花子")
    lines = run.out.splitlines()
    assert lines.index(":fill 企業情報をコピー") < next(n for n, line in enumerate(lines) if "<representative_contact.name>" in line)
    assert "企業情報から6項目をコピーしました。違うところを直してください。" in lines
    assert "hanako@example.co.jp" not in run.out[: run.out.index("<representative_contact.email>")], "always typed (R-12)"


def test_what_the_last_card_had_is_filled_in(run: Run, office: Office) -> None:
    office.found = msgspec.structs.replace(office.found, card_contact={**CONTACT, "name": "経理部"})
    later = "card_contact.name: :fill\n"
    filled_in = "representative_contact.person: 担当 花子\n" + OWN
    assert run(ENTRANCE + PIN + SEARCH + FILL + filled_in + later + END) == 0, run.out + run.err
    assert office.statements[0].blocks["card_contact"] == {**CONTACT, "name": "経理部"}
    assert ":fill 前のカードの値" in run.out.splitlines()


def test_copying_writes_over_what_stands_there_and_says_what_was_asked_before(run_at: RunAt) -> None:
    office = Office()
    run = run_at(office)
    run.register("ise-current")
    script = ENTRANCE.replace("登録\n\ncard: ise-new", "変更\ncard: ise-current") + PIN
    answers = "representative_contact.name: 経理部\nrepresentative_contact.fax: 0596-00-0009\ncard_contact.phone: :copy\n"
    assert run(script + answers + END) == 0, run.out + run.err
    blocks = office.statements[0].blocks
    assert blocks["card_contact"] == blocks["representative_contact"] == {**CONTACT, "name": "経理部", "fax": "0596-00-0009"}
    told = run.out[run.out.index("<card_contact.phone>: :copy") :].splitlines()
    assert told[1:3] == ["代表窓口情報から7項目をコピーしました。", "連絡先名称(部署名等): 経理部"]


def test_r37_the_newest_qualification_is_marked_as_such(run_at: RunAt) -> None:
    office = Office()
    run = run_at(office)
    run.register("ise-current")
    run(ENTRANCE.replace("登録\n\ncard: ise-new", "変更\ncard: ise-current") + PIN + END)
    lines = run.out.splitlines()
    assert lines[lines.index("企業情報") + 1] == "最新の資格審査情報です。"


def test_where_there_is_nothing_to_put_in_it_is_said_and_asked_again(run: Run) -> None:
    run(ENTRANCE + PIN + "search.vendor_no: :copy\nsearch.vendor_no: ：写す\n" + SEARCH)
    assert run.out.count("空欄の項目がないため、コピーしませんでした。") == 2
    assert run.prompts.count("search.vendor_no") == 3


def test_the_cards_company_is_put_into_the_search(run: Run, office: Office) -> None:
    number, _, password = SEARCH.splitlines(keepends=True)
    assert run(ENTRANCE + PIN + "search.vendor_no: :fill\n" + number + password + FORM + END) == 0
    assert t("screen.form.filled_card") in run.out
    assert office.searches[0]["trade_name"] == "テスト工事業者０１"


def test_what_the_card_knows_is_offered_where_it_may_stand(run: Run, office: Office) -> None:
    number, _, password = SEARCH.splitlines(keepends=True)
    assert run(ENTRANCE + PIN + number + "search.trade_name: :1\n" + password + FORM + END) == 0
    assert t("plain.known", number=1, value="テスト工事業者０１") in run.out
    assert office.searches[0]["trade_name"] == "テスト工事業者０１"


@pytest.mark.parametrize("word", [":1", "：２", ":1 x", ":find", ":find x", "：絞り込み"])
def test_r33_a_word_for_a_list_is_neither_a_try_nor_a_value(run: Run, office: Office, word: str) -> None:
    number, name, password = SEARCH.splitlines(keepends=True)
    assert run(ENTRANCE + PIN + f"search.vendor_no: {word}\n" + number + name + f"search.password: {word}\n" + password) == 2
    assert run.out.count(t("plain.not_here")) == 2
    assert [(values["vendor_no"], values["password"]) for values in office.searches] == [("1000000001", "Demo-pass1")]


def test_a_password_that_only_begins_like_a_word_is_one(run: Run, office: Office) -> None:
    number, name, _ = SEARCH.splitlines(keepends=True)
    for password in (":findme12", ":1a2b3c4d", ":Backdoor1", "?x1234567"):
        run(ENTRANCE + PIN + number + name + f"search.password: {password}\n")
        assert office.searches[-1]["password"] == password


@pytest.mark.parametrize("word", [":fill", "：写す", ":コピー"])
def test_r33_at_a_password_a_word_is_no_try(run: Run, office: Office, word: str) -> None:
    names, password = SEARCH[: SEARCH.index("search.password")], SEARCH[SEARCH.index("search.password") :]
    assert run(ENTRANCE + PIN + names + f"search.password: {word}\n" + password) == 2
    assert "空欄の項目がないため、コピーしませんでした。" in run.out
    assert [values["password"] for values in office.searches] == ["Demo-pass1"]


def test_the_help_at_a_field_has_both_words(run: Run) -> None:
    run(ENTRANCE + PIN + SEARCH + "company.department: 工事部\nrepresentative_contact.name: :help\n")
    assert ":fill または :埋める　" in run.out
    assert ":copy または :コピー　" in run.out
    assert run.out.splitlines().count(":fill 企業情報をコピー") == 3, "where its block and 企業情報 begin, and in the help of its fields"


def test_r04_the_policy_is_told_before_the_new_password_is_asked_for(run: Run) -> None:
    run("category: 1\nentry: パスワード変更\n" + SEARCH.replace("search.", "password_change."))
    lines = run.out.splitlines()
    asked = next(n for n, line in enumerate(lines) if "<password_change.new_password>" in line)
    assert "　・8文字以上" in lines[asked - 6 : asked]


@pytest.mark.parametrize(("lost", "sentences"), [("pin", ("screen.leave.pin", "screen.leave.typed")), ("typed", ("screen.leave.typed",))])
async def test_a_person_is_asked_before_what_was_typed_goes(
    capsys: pytest.CaptureFixture[str], lost: Any, sentences: tuple[str, ...]
) -> None:
    form = msgspec.structs.replace(scripted.registration(), lost=lost)
    assert await at_a_terminal(form, "\n\n工事部\n:back\n:back\n\n\n\n:back\nyes\n") is Nav.BACK
    out = capsys.readouterr().out
    assert [out.count(t(sentence)) for sentence in ("screen.leave.question", *sentences)] == [2] * (len(sentences) + 1)
    assert out.count(f"2 yes {t('screen.leave.yes')}") == 2
    assert out.count("［工事部］") == 1, "who stays goes on with what was typed"
    assert await at_a_terminal(msgspec.structs.replace(form, lost=""), "\n\n工事部\n:back\n") is Nav.BACK
    assert t("screen.leave.question") not in capsys.readouterr().out


async def at_a_terminal(form: Form, typed: str) -> object:
    """What a person who types this at a terminal answers."""
    ours, theirs = pty.openpty()
    try:
        os.write(ours, typed.encode())
        return await PlainUi(Keyboard(descriptor=theirs), Hand()).fill(form)
    finally:
        os.close(ours)
        os.close(theirs)


async def test_a_person_at_a_terminal_takes_what_was_filled_in_with_enter() -> None:
    form = scripted.registration({"company": {"department": "工事部"}})
    form = msgspec.structs.replace(form, fills=(Fill("company", "representative_contact", COMPANY_AS_CONTACT),))
    company, contact, card_contact = "\n" * 3, ":fill\n" + "\n" * 6 + "test01@example.co.jp\n", "\n" * 7
    blocks = await at_a_terminal(form, company + contact + card_contact)
    assert isinstance(blocks, dict)
    own = {name: scripted.COMPANY[source] for name, source in COMPANY_AS_CONTACT.items() if source in scripted.COMPANY}
    assert blocks["representative_contact"] == own | {"name": "工事部", "email": "test01@example.co.jp"}
    assert blocks["card_contact"] == blocks["representative_contact"]


async def test_a_faulty_value_that_was_put_in_where_one_had_been_before_is_asked_for_again(tmp_path: Path) -> None:
    form = scripted.registration({"representative_contact": {**scripted.CONTACT, "phone": "０５９６"}}, read_only=True)
    form = msgspec.structs.replace(form, values={**form.values, "card_contact": dict(scripted.CONTACT)})
    phone = "card_contact.phone: 0596-00-0001\n"
    (script := tmp_path / "script").write_text(phone + "card_contact.email: :copy\n" + phone, encoding="utf-8")
    blocks = await PlainUi(Script(script), Hand()).fill(form)
    assert isinstance(blocks, dict)
    assert blocks["card_contact"] == scripted.CONTACT
