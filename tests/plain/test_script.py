"""Line mode's scripts: ids in order, presets, any order within a form, exit 2 with the prompt, its answers and the line."""

from __future__ import annotations

from pathlib import Path

import pytest

from ebid_tui.card.worker import CardWorker
from ebid_tui.card_and_server import CardAndServer
from ebid_tui.demo.virtual_reader import VirtualReader
from ebid_tui.domain.profile.systems import profile_of
from ebid_tui.errors import RuleError, ServerAway
from ebid_tui.messages import t
from ebid_tui.plain.run import run_lines
from tests.flows.office import Office
from tests.plain.conftest import Run, RunAt

ENTRANCE = """\
# 伊勢市の登録
category: 建設工事、測量・コンサル
entry: 1
menu: 登録

card: ise-new
"""
PIN = "pin: 123456\n"
SEARCH = """\
search.vendor_no: 1000000001
search.trade_name: テスト工事業者01
search.password: Demo-pass1
"""
FORM = """\
representative_contact.name: 営業部
representative_contact.postal_code: 5160018
representative_contact.address: 三重県伊勢市岩渕一丁目
representative_contact.person: 担当 花子
representative_contact.phone: 0596-00-0001
representative_contact.fax: ０５９６－００－０００２
representative_contact.email: hanako@example.co.jp
company.department: 工事部
"""
END = "review: submit\ndone: close\n"


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def run(run_at: RunAt, office: Office) -> Run:
    return run_at(office)


def test_the_whole_way_ends_with_the_receipt_on_the_last_line(run: Run, office: Office) -> None:
    assert run(ENTRANCE + PIN + SEARCH + FORM + END) == 0
    assert run.out.splitlines()[-1] == "receipt: ISE-1"
    blocks = office.statements[0].blocks
    assert blocks["representative_contact"]["postal_code"] == "516-0018"
    assert blocks["representative_contact"]["fax"] == "0596-00-0002"
    assert blocks["representative_contact"]["person"] == "担当　花子"
    assert blocks["card_contact"] == blocks["representative_contact"], "the preset is what stands in 代表窓口情報"
    assert blocks["company"]["phone"] == "000-0000-001", "the preset is the qualification's"


def test_a_script_gets_its_secrets_by_descriptor(run: Run) -> None:
    """README: there is no need to have them in a file."""
    search = "".join(line for line in SEARCH.splitlines(keepends=True) if "password" not in line)
    assert run(ENTRANCE + search + FORM + END, secrets="search.password: Demo-pass1\npin: 123456\n") == 0
    assert run.out.splitlines()[-1] == "receipt: ISE-1"
    assert "Demo-pass1" not in run.out
    assert run(ENTRANCE + search + FORM + END, secrets="pin: 123456\n") == 2, "each is for its own prompt"


def test_a_line_of_the_descriptor_that_is_no_answer_is_told_and_never_shown(run: Run) -> None:
    assert run(ENTRANCE, secrets="pin: 123456x\npin 654321\n") == 2
    assert t("plain.script_syntax", file="--secrets-fd", number=2) in run.err
    assert "654321" not in run.out + run.err
    assert run.cards["ise-new"].tries_left == 3


def test_a_script_that_means_another_card_sends_it_no_pin_of_the_descriptor(run_at: RunAt) -> None:
    run = run_at(Office(), readers=2)
    assert run(ENTRANCE + "which_card: ise-next\nsearch.vendor_no: 1000000001\n", secrets="pin: 123456\n") == 2
    assert run.cards["ise-new"].tries_left == 3
    assert "ise-next" in run.err


def test_secrets_are_never_printed(run: Run) -> None:
    assert run(ENTRANCE + PIN + SEARCH + FORM + END) == 0
    assert "123456" not in run.out + run.err
    assert "Demo-pass1" not in run.out + run.err


def test_choices_by_number_id_and_label(run: Run) -> None:
    for category in ("1", "construction", "建設工事、測量・コンサル", "１"):
        script = f"category: {category}\nentry: 利用者登録\nmenu: registration\ncard: 1\n" + PIN + SEARCH + FORM + END
        assert run(script) == 0


@pytest.mark.parametrize(
    ("script", "prompt", "allowed", "line"),
    [
        ("entry: 利用者登録\n", "category", "1 建設工事、測量・コンサル | 2 物品・業務委託", "1行目"),
        (ENTRANCE + "review: submit\n", "pin", "", "7行目"),
        (ENTRANCE + PIN + SEARCH, "company.department", "", "script.txt は"),
        ("category: 1\n", "entry", "1 利用者登録", "script.txt は"),
        ("category: 3\n", "category", "2 物品・業務委託", "script.txt は"),
    ],
)
def test_an_unexpected_prompt_ends_with_2_and_names_prompt_answers_and_line(
    run: Run, script: str, prompt: str, allowed: str, line: str
) -> None:
    assert run(script) == 2
    assert prompt in run.err
    assert allowed in run.err
    assert line in run.err
    assert "Traceback" not in run.out + run.err


def test_a_faulty_line_of_the_script_is_named(run: Run) -> None:
    assert run("category 1\n") == 2
    assert "1行目" in run.err


def test_a_faulty_value_is_told_before_the_same_prompt_comes_again(run: Run, office: Office) -> None:
    form = FORM.replace("hanako@example.co.jp", "hanako@\nrepresentative_contact.email: hanako@example.co.jp")
    assert run(ENTRANCE + PIN + SEARCH + form + END) == 0
    assert t("field.slip.mail_no_domain") in run.out
    assert office.statements[0].blocks["card_contact"]["email"] == "hanako@example.co.jp"


def test_fields_of_a_form_may_come_in_any_order(run: Run) -> None:
    lines = FORM.splitlines(keepends=True)
    assert run(ENTRANCE + PIN + SEARCH + "".join(reversed(lines)) + END) == 0


def test_wrong_pin_then_the_right_one(run: Run) -> None:
    assert run(ENTRANCE + "pin: 999999\n" + PIN + SEARCH + FORM + END) == 0
    assert "残り2回" in run.out


def test_r07_a_script_without_an_answer_to_the_last_try_does_not_spend_it(run: Run) -> None:
    assert run(ENTRANCE + "pin: 999999\n" * 4) == 2
    assert "last_try" in run.err


def test_r06_the_holder_is_asked_where_names_differ_and_passed_over_where_they_do_not(run: Run, office: Office) -> None:
    stranger = ENTRANCE.replace("ise-new", "stranger") + PIN + SEARCH
    assert run(stranger + "holder: no\n") == 1
    assert run(stranger + FORM + "holder: yes\n" + END) == 2, "asked before the form, not behind it"
    assert "holder" in run.err
    assert office.statements == []
    assert run(stranger + "holder: yes\n" + FORM + END) == 0
    assert run(ENTRANCE + PIN + SEARCH + "holder: yes\n" + FORM + END) == 0
    assert run(ENTRANCE + PIN + SEARCH + FORM + "holder: yes\n" + END) == 0


@pytest.mark.parametrize("card", ["mynumber", "other-ca"])
def test_r23_r34_refused_cards_are_told_and_asked_for_again(run: Run, card: str) -> None:
    assert run(ENTRANCE.replace("ise-new", card)) == 2
    assert ("R-23" if card == "mynumber" else "R-34") in run.out
    assert run(ENTRANCE.replace("ise-new", card) + "card: ise-new\n" + PIN + SEARCH + FORM + END) == 0


def test_r07_a_blocked_card_is_told_and_ends_it(run: Run) -> None:
    assert run(ENTRANCE.replace("ise-new", "blocked")) == 1
    assert "R-07" in run.out


def test_a_refused_search_asks_again_with_what_was_typed_as_preset(run: Run, office: Office) -> None:
    office.accidents["search"] = [RuleError("R-28", causes=("調達区分が違う",))]
    assert run(ENTRANCE + PIN + SEARCH + "search.password: Demo-pass1\n" + FORM + END) == 0
    assert "R-28" in run.out
    assert "調達区分が違う" in run.out
    assert office.searches[-1]["vendor_no"] == "1000000001"


def test_a_search_refused_again_and_again_does_not_loop_on_presets(run: Run, office: Office) -> None:
    office.accidents["search"] = [RuleError("R-28")] * 9
    assert run(ENTRANCE + PIN + SEARCH) == 2
    assert office.calls.count("search") == 1


def test_server_away_asks_before_trying_again(run: Run, office: Office) -> None:
    office.accidents["register"] = [ServerAway(), ServerAway()]
    assert run(ENTRANCE + PIN + SEARCH + FORM + "review: submit\nretry: yes\nretry: yes\ndone: close\n") == 0
    office.accidents["register"] = [ServerAway()]
    assert run(ENTRANCE + PIN + SEARCH + FORM + "review: submit\n") == 1
    assert "E-SERVER-AWAY" in run.out


def test_review_back_keeps_everything(run: Run, office: Office) -> None:
    again = "review: back\nrepresentative_contact.name: 総務部\n"
    assert run(ENTRANCE + PIN + SEARCH + FORM + again + END) == 0
    assert office.statements[0].blocks["representative_contact"]["name"] == "総務部"
    assert office.statements[0].blocks["representative_contact"]["email"] == "hanako@example.co.jp"


def test_back_and_cancel_words(run: Run) -> None:
    assert run(ENTRANCE + PIN + SEARCH + "company.phone: :cancel\nmenu: :cancel\n") == 1
    back = "search.vendor_no: :back\nmenu: :back\nentry: :back\ncategory: :back\n"
    assert run(ENTRANCE + PIN + back) == 1


def test_print_shows_the_page_and_asks_again(run: Run) -> None:
    assert run(ENTRANCE + PIN + SEARCH + FORM + "review: submit\ndone: print\n") == 0
    assert "利用者情報" in run.out
    assert run.out.splitlines()[-1].startswith("receipt: ")


def test_entries_that_lead_elsewhere_say_where(run: Run) -> None:
    assert run("category: 1\nentry: 電子入札システム\n" + ENTRANCE.split("\n", 2)[2] + PIN + SEARCH + FORM + END) == 0
    assert "E-OUTSIDE" in run.out


def test_an_unreadable_script_is_told(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cards = CardWorker(VirtualReader("Virtual Reader 00"))
    parts = CardAndServer(cards, Office(), cards.start, cards.stop)
    assert run_lines(profile_of("ise"), parts, str(tmp_path / "absent"), None) == 2
    assert "absent" in capsys.readouterr().err


# --- what has one answer is not asked; where one stands is said


def test_a_step_that_is_not_asked_may_be_answered_by_what_it_is(run: Run) -> None:
    named = ENTRANCE.replace("menu:", "selection: 利用者登録処理\nmenu:")
    assert run(named + PIN + SEARCH + FORM + END) == 0
    assert "selection" not in run.prompts
    assert run(ENTRANCE.replace("menu:", "selection: 1\nmenu:") + PIN + SEARCH + FORM + END) == 0


def test_a_step_that_is_not_asked_may_not_be_answered_otherwise(run: Run, office: Office) -> None:
    assert run(ENTRANCE.replace("menu:", "selection: 入札\nmenu:") + PIN + SEARCH + FORM + END) == 2
    assert t("plain.unexpected_allowed", allowed="利用者登録処理") in run.err
    assert office.statements == []


def test_r47_where_one_stands_is_said_when_it_changes(run: Run) -> None:
    assert run(ENTRANCE + PIN + SEARCH + FORM + END) == 0
    begin = t("where.said", where="")
    place, card, number = "建設工事、測量・コンサル", t("where.card", holder="個人 十郎"), "業者番号 1000000001"
    assert [line.removeprefix(begin) for line in run.out.splitlines() if line.startswith(begin)] == [
        place,
        f"{place} › {card}",
        f"{place} › {number} › {card}",
    ]
    assert run.out.splitlines()[-1].startswith("receipt: ")
