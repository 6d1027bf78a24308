"""The other flows in line mode by script: which prompts come, in which order, what is printed, and how it ends."""

from __future__ import annotations

import pytest

from ebid_tui.domain.records import Vendor
from ebid_tui.errors import RuleError, ServerAway
from ebid_tui.messages import t
from tests.flows.office import COMPANY, CONTACT, Office
from tests.plain.conftest import Run, RunAt

PIN = "pin: 123456\n"
ISE = "category: 建設工事、測量・コンサル\nentry: 利用者登録\nmenu: "
SAITAMA = "agency: 埼玉県\ncategory: 1\nentry: 利用者登録\nmenu: "
AOMORI = "category: 1\nentry: 利用者登録\nmenu: "
END = "review: submit\ndone: close\n"
NEW_MAIL = "card_contact.email: taro@example.co.jp\n"


def vendor(system: str, number: str) -> Office:
    """The demo's vendor of this system."""
    agency = {"saitama": "saitama-pref"}.get(system, system)
    return Office(Vendor(system=system, agency=agency, category="construction", number=number), {**COMPANY, "name": "テスト業者"})


@pytest.fixture
def ise(run_at: RunAt) -> Run:
    run = run_at(vendor("ise", "1000000005"), readers=2)
    run.register("ise-current")
    return run


@pytest.fixture
def saitama(run_at: RunAt) -> Run:
    run = run_at(vendor("saitama", "4000000001"), readers=2)
    run.register("saitama-current")
    return run


@pytest.fixture
def aomori(run_at: RunAt) -> Run:
    run = run_at(vendor("aomori", "990000001"), readers=2)
    run.register("aomori-current")
    return run


# --- 変更

AMEND = ISE + "変更\ncard: ise-current\n" + PIN


def test_an_amendment_ends_with_its_receipt(ise: Run) -> None:
    assert ise(AMEND + NEW_MAIL + END) == 0
    assert ise.out.splitlines()[-1] == "receipt: ISE-1"
    assert ise.office.statements[0].blocks["card_contact"] == {**CONTACT, "email": "taro@example.co.jp"}


def test_a_changed_row_bears_a_sign_and_what_stood_there(ise: Run) -> None:
    assert ise(AMEND + NEW_MAIL + END) == 0
    assert "*連絡先メールアドレス: taro@example.co.jp（変更前: hanako@example.co.jp）" in ise.out
    assert "変更は1か所です" in ise.out
    assert "すでに提出した申請書の連絡先は変わりません。" in ise.out, "R-26"


def test_nothing_changed_is_told_once_and_nothing_is_sent(ise: Run) -> None:
    assert ise(AMEND + END) == 2
    assert ise.out.count("E-UNCHANGED") == 1
    assert "amend" not in ise.office.calls


def test_r16_propagate_is_asked_where_the_system_propagates_and_no_is_its_preset(saitama: Run) -> None:
    start = SAITAMA + "変更\ncard: saitama-current\n" + PIN + NEW_MAIL
    assert saitama(start + END) == 0
    assert saitama.prompts.count("propagate") == 1
    assert saitama(start.replace("taro@", "jiro@") + "propagate: yes\n" + END) == 0
    assert [s.propagate for s in saitama.office.statements] == [False, True]


def test_r16_an_answer_before_it_that_nobody_asked_for_takes_nothing_from_it(saitama: Run) -> None:
    """It has a preset: what the script says about it counts all the same."""
    start = SAITAMA + "変更\ncard: saitama-current\n" + PIN + NEW_MAIL
    assert saitama(start + "holder: yes\nretry: no\npropagate: yes\n" + END) == 0
    assert saitama.office.statements[0].propagate


def test_r16_an_answer_that_stands_too_early_is_no_reason_to_take_the_preset(saitama: Run) -> None:
    begin = SAITAMA + "変更\ncard: saitama-current\n"
    assert saitama(begin + PIN + "propagate: yes\n" + NEW_MAIL + END) == 0, "its form's fields have presets: it is still there"
    assert saitama.office.statements[0].propagate
    saitama.office.statements.clear()
    assert saitama(begin + "propagate: yes\n" + PIN + NEW_MAIL.replace("taro@", "jiro@") + END) == 2
    assert "propagate" in saitama.err
    assert saitama.office.statements == []


def test_a_line_that_nobody_asked_for_between_a_forms_lines_loses_none_of_them(ise: Run) -> None:
    lines = NEW_MAIL.splitlines(keepends=True)
    assert ise(AMEND + "last_try: yes\n" + lines[0] + "retry: no\n" + "".join(lines[1:]) + "card_contact.person: 新担当　花子\n" + END) == 0
    assert ise.office.statements[0].blocks["card_contact"]["person"] == "新担当　花子"


def test_r16_an_answer_to_propagate_is_passed_over_where_it_is_not_asked(ise: Run) -> None:
    assert ise(AMEND + NEW_MAIL + "propagate: yes\n" + END) == 0
    assert not ise.office.statements[0].propagate


def test_a_card_that_is_not_registered_ends_it(ise: Run) -> None:
    assert ise(ISE + "変更\ncard: ise-new\n" + PIN) == 1
    assert "E-NOT-REGISTERED" in ise.out


# --- ICカード更新

RENEW = ISE + "ICカード更新\ncard: ise-current\n" + PIN + "card: ise-next\n" + PIN


def test_a_renewal_asks_for_each_card_and_its_pin_once(ise: Run) -> None:
    assert ise(RENEW + "holder: yes\n" + END) == 0
    assert ise.out.splitlines()[-1] == "receipt: ISE-1"
    assert ise.prompts[3:] == ["card", "pin", "card", "pin", "holder", "review", "done"]
    assert ise.office.states() == [("659", "renewed"), ("673", "active")]


def test_rows_are_told_apart_by_a_sign_and_by_words(ise: Run) -> None:
    assert ise(RENEW + "holder: yes\n" + END) == 0
    lines = ise.out.splitlines()
    assert "= 企業名称（同じ）" in lines
    assert "* 証明書シリアル番号（変わります）" in lines
    assert "! ICカード企業名称（確かめてください）" in lines
    assert "　新規に使用するICカード: テスト２０株式会社" in lines


def test_r06_a_difference_needs_its_answer(ise: Run) -> None:
    assert ise(RENEW + END) == 2
    assert "holder" in ise.err
    assert ise(RENEW + "holder: no\n") == 1
    assert ise.office.states() == [("659", "active")]


def test_r16_a_renewal_is_propagated_only_if_chosen(saitama: Run) -> None:
    start = SAITAMA + "ICカード更新\ncard: saitama-current\n" + PIN + "card: saitama-next\n" + PIN
    assert saitama(start + "propagate: yes\n" + END) == 0
    assert saitama.office.statements[0].propagate
    assert "埼玉県のほか" in saitama.out
    assert saitama.out.index("電子証明書更新確認") < saitama.out.index("<propagate>"), "asked where it is about something"


def test_the_same_pin_is_preset_to_no(aomori: Run) -> None:
    start = AOMORI + "ICカード更新\ncard: aomori-current\n" + PIN + "card: aomori-next\n"
    assert aomori(start + PIN + END) == 0
    assert aomori.prompts[3:] == ["card", "pin", "card", "same_pin", "pin", "review", "done"]


def test_the_same_pin_spares_the_second_entry(aomori: Run) -> None:
    start = AOMORI + "ICカード更新\ncard: aomori-current\n" + PIN + "card: aomori-next\n"
    assert aomori(start + "same_pin: yes\n" + END) == 0
    assert aomori.prompts.count("pin") == 1
    assert "123456" not in aomori.out + aomori.err


def test_the_same_card_again_is_told_before_a_second_pin(ise: Run) -> None:
    start = ISE + "ICカード更新\ncard: ise-current\n" + PIN + "card: ise-current\n"
    assert ise(start) == 2
    assert "E-SAME-CARD" in ise.out
    assert ise.prompts.count("pin") == 1
    assert ise(start + "card: ise-next\n" + PIN + "holder: yes\n" + END) == 0
    assert ise.cards["ise-current"].tries_left == 3


def test_r05_r07_r23_new_cards_that_cannot_be_used_get_no_pin(ise: Run) -> None:
    start = ISE + "ICカード更新\ncard: ise-current\n" + PIN
    assert ise(start + "card: blocked\n") == 1
    assert "R-07" in ise.out
    ise.register("ise-next")
    assert ise(start + "card: mynumber\ncard: ise-next\n") == 2
    assert "R-23" in ise.out
    assert "R-05" in ise.out
    assert ise.prompts.count("pin") == 1


def test_r09_an_expired_current_card_leads_to_registration_and_gets_no_pin(run_at: RunAt) -> None:
    run = run_at(vendor("nagasaki", "3000000001"), readers=2)
    start = "agency: 1\ncategory: 1\nentry: 利用者登録\nmenu: ICカード更新\ncard: nagasaki-expired\n"
    assert run(start) == 2
    assert "R-09" in run.out
    assert "「登録」を行ってください" in run.out
    assert "pin" not in run.prompts
    assert run(start + "register_instead: yes\ncard: nagasaki-next\n" + PIN) == 2
    assert "search.vendor_no" in run.err


def test_one_reader_asks_for_the_current_card_again_and_says_which(run_at: RunAt) -> None:
    run = run_at(vendor("ise", "1000000005"), readers=1)
    run.register("ise-current")
    assert run(RENEW + "holder: yes\nreview: submit\ncard: ise-current\n" + PIN + "done: close\n") == 0
    assert "署名のため、現在使用しているICカードをもう一度入れてください。" in run.out
    assert "E-CARD" not in run.out


def test_server_away_asks_before_trying_again(ise: Run) -> None:
    ise.office.accidents["renew"] = [ServerAway()]
    assert ise(RENEW + "holder: yes\nreview: submit\nretry: yes\ndone: close\n") == 0
    ise.office.accidents["registered"] = [ServerAway()]
    assert ise(AMEND) == 1


# --- パスワード再設定, ログイン

CHANGE = """\
category: 1
entry: パスワード変更
password_change.vendor_no: 1000000005
password_change.trade_name: テスト業者
password_change.password: Init-pass1
password_change.new_password: Neu-pass99
password_change.new_password_again: Neu-pass99
"""
LOGIN = "login.vendor_no: 1000000005\nlogin.password: Neu-pass99\n"


def test_a_password_is_changed_and_the_login_shows_the_status(ise: Run) -> None:
    ise.office.account.password = "Init-pass1"
    assert ise(CHANGE + LOGIN) == 0
    assert ise.office.account.password == "Neu-pass99"
    assert "パスワードを変更しました" in ise.out
    assert t("flow.status.lead", count=1) in ise.out
    for secret in ("Init-pass1", "Neu-pass99"):
        assert secret not in ise.out + ise.err


def test_r04_what_is_not_met_is_told_and_asked_again(ise: Run) -> None:
    assert ise(CHANGE.replace("Neu-pass99", "Neupass99")) == 2
    assert "password_change.new_password" in ise.err
    assert "change_password" not in ise.office.calls


def test_r33_a_wrong_password_is_told_and_not_sent_again_on_its_own(ise: Run) -> None:
    assert ise(CHANGE) == 2
    assert "R-28" in ise.out
    assert ise.office.account.wrong == 1


# --- 登録状況, 登録 or ICカード更新?, ログアウト


def test_the_status_is_printed_and_has_no_receipt(ise: Run) -> None:
    assert ise(ISE + "登録状況\ncard: ise-current\n" + PIN) == 0
    assert "登録利用者一覧 1枚目（いま入っているカード）" in ise.out
    assert "状態: 使えます" in ise.out
    assert "receipt:" not in ise.out


@pytest.mark.parametrize(
    ("answer", "label"),
    [("first", "登録"), ("both", "登録"), ("number", "登録"), ("unsure", "登録"), ("only_new\ncard: ise-current", "ICカード更新"),
     ("authority\ncard: ise-current", "ICカード更新"), ("company\ncard: ise-current", "ICカード更新"),
     ("only_new\ncard: other-ca", "登録")],
)  # fmt: skip
def test_which_answers_and_leads_back_to_the_menu(ise: Run, answer: str, label: str) -> None:
    assert ise(ISE + f"which\nwhich: {answer}\n") == 0
    assert f"「{label}」を選んでください。" in ise.out
    assert "pin" not in ise.prompts


def test_r38_logout_asks_first(saitama: Run) -> None:
    assert saitama(SAITAMA + "ログアウト\nlogout: yes\n") == 0
    assert "ログアウトしました" in saitama.out
    assert saitama(SAITAMA + "ログアウト\n") == 1
    assert "ログアウトしました" not in saitama.out


def test_r22_closed_is_told_before_any_card(ise: Run) -> None:
    ise.office.accidents["challenge"] = [RuleError("R-22")]
    assert ise(ISE + "ICカード更新\n") == 1
    assert "R-22" in ise.out
    assert "card" not in ise.prompts


# ---

GOODS = "category: 物品・業務委託\nentry: 利用者登録\nmenu: 登録\n"
SEARCH = "search.vendor_no: 1000000005\nsearch.trade_name: テスト業者\nsearch.password: Demo-pass1\n"
FORM = "company.department: 物品部\n" + "".join(f"representative_contact.{name}: {value}\n" for name, value in CONTACT.items())


def test_r36_without_a_card(ise: Run) -> None:
    assert ise(GOODS + "method: password\n" + SEARCH + FORM + END) == 0
    assert ise.out.splitlines()[-1] == "receipt: ISE-1"
    assert not {"card", "pin"} & set(ise.prompts)


def test_r36_a_card_is_the_preset(ise: Run) -> None:
    assert ise(GOODS + "card: ise-new\n" + PIN + SEARCH + "holder: yes\n" + FORM + END) == 0
    assert ise.office.statements[0].card.serial == "683"
