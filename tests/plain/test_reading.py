"""Line mode by ear: words at every prompt, help and questions, a password spelled out, in Japanese and in English, at every system."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from ebid_tui.domain.records import Vendor
from ebid_tui.language import LANGUAGES, speak, speaking
from ebid_tui.messages import t
from tests.flows.office import COMPANY, Office
from tests.plain.conftest import Run, RunAt, unreadable
from tests.plain.test_script import END, ENTRANCE, FORM, PIN, SEARCH

SYSTEMS = {
    "ise": ("ise", "1000000005", "category: 1\n"),
    "aomori": ("aomori", "990000001", "category: 1\n"),
    "nagasaki": ("nagasaki-pref", "3000000001", "agency: 1\ncategory: 1\n"),
    "saitama": ("saitama-pref", "4000000001", "agency: 1\ncategory: 1\n"),
}
"""System → agency, the demo's vendor number, the way to the menu."""


@pytest.fixture
def run(run_at: RunAt) -> Run:
    return run_at(Office())


def at(run_at: RunAt, system: str) -> Run:
    agency, number, _ = SYSTEMS[system]
    office = Office(Vendor(system=system, agency=agency, category="construction", number=number), {**COMPANY, "name": "テスト業者"})
    run = run_at(office, readers=2)
    run.register(f"{system}-current")
    return run


def entrance(system: str) -> str:
    return SYSTEMS[system][2] + "entry: 1\nmenu: "


def test_help_is_there_at_every_prompt_and_the_prompt_comes_again(run: Run) -> None:
    script = ENTRANCE.replace("category:", "category: :help\ncategory:") + "pin: :help\n" + PIN
    assert run(script + "search.vendor_no: ：ヘルプ\n" + SEARCH + FORM + "review: :help\n" + END) == 0
    assert run.out.count(":cancel または :キャンセル　やめます。") == 4
    assert "伊勢市から通知された10桁の業者番号です。" in run.out, "what the field wants"
    assert run.prompts.count("pin") == 2
    assert run.cards["ise-new"].tries_left == 3


def test_help_with_a_word_looks_through_the_common_questions(run: Run) -> None:
    assert run("category: :help マイナンバー\ncategory: :cancel\n") == 1
    assert "マイナンバーカードは使えますか。" in run.out
    assert "　使えません。" in run.out


@pytest.mark.parametrize("word", [":cancel", ":back", ":戻る", "：キャンセル", ":CANCEL", " ：Ｂａｃｋ ", ":back x", ":Cancel now"])
def test_a_word_at_the_pin_prompt_is_never_sent_as_a_pin(run: Run, word: str) -> None:
    assert run(ENTRANCE + f"pin: {word}\nmenu: :cancel\n") == 1
    assert run.cards["ise-new"].tries_left == 3


@pytest.mark.parametrize("words", [(":fill", ":copy"), (":埋める", "：コピー"), (":Fill", ":写す"), (":find 1", ":絞り込み")])
def test_a_forms_word_at_the_pin_prompt_is_no_pin_of_a_card_that_takes_one_as_short(run: Run, words: tuple[str, str]) -> None:
    first, second = words
    assert run(ENTRANCE + f"pin: {first}\npin: {second}\npin: :cancel\nmenu: :cancel\n") == 1
    assert run.out.count(t("plain.not_here")) == 2
    assert run.cards["ise-new"].tries_left == 3


@pytest.mark.parametrize("word", [":help", ":ヘルプ", ":HELP", "：help", ":help pin", ":ヘルプ 暗証番号", "　:Help", ":help\tpin"])
def test_help_at_the_pin_prompt_however_it_is_written(run: Run, word: str) -> None:
    assert run(ENTRANCE + f"pin: {word}\npin: :cancel\nmenu: :cancel\n") == 1
    assert run.out.count(t("help.pin_lock")) == 1
    assert run.cards["ise-new"].tries_left == 3


@pytest.mark.parametrize(("word", "told"), [(":english", "en"), (":日本語", "ja"), (":EN", "en")])
def test_the_language_at_the_pin_prompt(run: Run, word: str, told: str) -> None:
    assert run(ENTRANCE + f"pin: {word}\npin: :cancel\nmenu: :cancel\n") == 1
    with speaking(told):
        assert t("plain.language") in run.out
    assert run.cards["ise-new"].tries_left == 3


def test_r14_a_question_mark_has_the_password_spelled_out(run: Run) -> None:
    search = SEARCH.replace("search.password: Demo-pass1", "search.password: ?\nsearch.password: Demo-pass1")
    assert run(ENTRANCE + PIN + search + FORM + END) == 0
    assert "入力したパスワード: Demo-pass1" in run.out
    assert "1文字ずつ: 大文字のD、小文字のe、小文字のm、小文字のo、記号の-、小文字のp" in run.out
    assert "数字の1" in run.out
    assert run.office.calls.count("search") == 1


def test_r14_what_was_heard_can_be_typed_anew(run: Run) -> None:
    heard = "search.password: ？\nsearch.password: Dem0-pass1\nsearch.password: Demo-pass1"
    assert run(ENTRANCE + PIN + SEARCH.replace("search.password: Demo-pass1", heard) + FORM + END) == 0
    assert "数字の0" in run.out
    assert run.out.index("数字の0") < run.out.index("入力したパスワード: Demo-pass1")


def test_r14_without_the_question_mark_no_password_is_shown(run: Run) -> None:
    assert run(ENTRANCE + PIN + SEARCH + FORM + END) == 0
    assert "Demo-pass1" not in run.out


def test_a_pin_is_not_shown_for_a_question_mark(run: Run) -> None:
    assert run(ENTRANCE + "pin: ?\n" + PIN + SEARCH + FORM + END) == 0
    assert "PIN番号は表示できません。" in run.out
    assert "123456" not in run.out


def test_a_value_is_echoed_as_it_counts(run: Run) -> None:
    assert run(ENTRANCE + PIN + SEARCH + FORM + END) == 0
    assert "入力: 0596-00-0002（半角に変換しました。）" in run.out


def test_what_goes_on_is_said_once(run: Run) -> None:
    assert run(ENTRANCE + PIN + SEARCH + FORM + END) == 0
    lines = run.out.splitlines()
    assert "手続きを送信しています。電源を切らず、カードを抜かないでください。" in lines
    assert [one for one, other in pairwise(lines) if one and one == other] == []


def test_choices_are_numbered_and_numbers_answer(run: Run) -> None:
    assert run(ENTRANCE + PIN + SEARCH + FORM + "review: 1\ndone: 2\n") == 0
    for choice in ("1 submit 登録", "2 back 戻る", "1 print 印刷", "2 close 閉じる", "1 建設工事、測量・コンサル"):
        assert choice in run.out.splitlines()


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("flow", ["amendment", "renewal", "status", "which"])
def test_every_flow_at_every_system_can_be_read(run_at: RunAt, system: str, language: str, flow: str) -> None:
    run = at(run_at, system)
    speak(language)
    cards = {
        "amendment": f"card: {system}-current\n{PIN}card_contact.email: taro@example.co.jp\n"
        + ("card_contact.email_again: taro@example.co.jp\n" if system == "aomori" else "")
        + "review: submit\ndone: close\n",
        "renewal": f"card: {system}-current\n{PIN}card: {system}-next\n{PIN}holder: yes\nreview: submit\ndone: close\n",
        "status": f"card: {system}-current\n{PIN}menu: :cancel\n",
        "which": "which: first\nmenu: :cancel\n",
    }
    run(entrance(system) + flow + "\n" + cards[flow])
    assert unreadable(run.out) == []
    assert "<menu>" in run.out
    expected = {"amendment": "receipt: ", "renewal": "receipt: ", "status": t("flow.status.title"), "which": t("flow.which.title")}
    assert expected[flow] in run.out, run.out + run.err
    if language == "en":
        said = [line for line in run.out.splitlines() if re.search("です|ます|ません|ください", line)]
        assert said == []


def test_english_keeps_the_documents_japanese_beside_it(run: Run) -> None:
    speak("en")
    assert run(ENTRANCE + PIN + SEARCH + FORM + END) == 0
    assert "業者番号 / Vendor No. (※) (10 half-width digits) <search.vendor_no>" in run.out
    assert "1 登録 / Register" in run.out
    assert "登録内容確認 / Check before registering" in run.out


def test_the_language_can_be_changed_at_a_prompt(run: Run) -> None:
    assert run(ENTRANCE.replace("category:", "category: :english\ncategory:") + PIN + SEARCH + FORM + END) == 0
    assert "調達区分を選んでください。" in run.out
    assert "From the next question on: English." in run.out
    assert "The registration is complete." in run.out
