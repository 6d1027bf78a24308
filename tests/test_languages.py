"""Two languages: every sentence has its English, with the same placeholders, and the compiled catalogue is the current one."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from ebid_tui import settings
from ebid_tui.domain.profile.systems import PACKAGED, profile_of
from ebid_tui.errors import RuleError
from ebid_tui.flows.localising import localised, relocalised
from ebid_tui.flows.ui import Option, Question, Row, Section
from ebid_tui.language import (
    BESIDE,
    LANGUAGES,
    LOCALE,
    SOURCE,
    TranslatableText,
    asked_for,
    catalogue,
    gloss,
    glossary,
    joined,
    remember_origins,
    speak,
    speaking,
)
from ebid_tui.messages import has, retranslated, t
from ebid_tui.plain.words import LANGUAGE_WORDS
from scripts import messages

JAPANESE = re.compile("[぀-ヿ㐀-鿿]")
SENTENCE = re.compile("です|ます|ません|ください")
TRANSLATED = [name for name in LANGUAGES if name != SOURCE]
GLOSSARY = LOCALE / "en" / "glossary.toml"


@pytest.fixture
def english() -> None:
    speak("en")


def wanted(text: str) -> list[str]:
    """The placeholders of a sentence, in alphabetical order."""
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name)


@pytest.mark.parametrize("spoken", LANGUAGES)
def test_every_language_can_be_chosen(spoken: str) -> None:
    """By a word in line mode, which its help names."""
    words = [word for word, chosen in LANGUAGE_WORDS.items() if chosen == spoken]
    assert words, "no word for it in plain/asking.py"
    assert any(word in t("plain.words") for word in words), "plain.words names none of its words"
    assert spoken in t("main.language"), "main.language, the help of --language, does not name it"


# ---- the catalogue ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spoken", TRANSLATED)
def test_every_sentence_is_translated_and_nothing_else(spoken: str) -> None:
    known = messages.translations(spoken)
    assert {key: text for key, text in messages.sentences().items() if key not in known} == {}, "run make messages"
    assert sorted(known.keys() - messages.sentences().keys()) == [], "run make messages"
    assert [str(message.context) for message in messages.unfinished(messages.updated(spoken, {}))] == [], "missing or fuzzy"


@pytest.mark.parametrize("spoken", TRANSLATED)
def test_the_files_are_those_that_make_messages_writes(spoken: str) -> None:
    made = messages.updated(spoken, {})
    assert messages.po_file(spoken).read_bytes() == messages.po_text(made), "run make messages"
    assert messages.po_file(spoken).with_suffix(".mo").read_bytes() == messages.mo_bytes(made), "run make messages"


@pytest.mark.parametrize("spoken", TRANSLATED)
def test_placeholders_agree(spoken: str) -> None:
    assert [
        key
        for key, message in messages.translations(spoken).items()
        if message.string and wanted(str(message.id)) != wanted(str(message.string))
    ] == []


def test_english_is_english() -> None:
    """Japanese stands in it where it is quoted: a button, a name, an example. Never a sentence."""
    assert [key for key, message in messages.translations("en").items() if SENTENCE.search(str(message.string))] == []


def test_lines_stay_lines() -> None:
    """What is printed line by line, or is one line on the screen, has as many lines in both languages."""
    differing = [key for key, m in messages.translations("en").items() if ("\n" in m.id) != ("\n" in str(m.string))]
    assert differing == []


def test_a_changed_sentence_keeps_its_old_english_as_fuzzy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "sentences", lambda: {"common.yes": "はい。", "common.no": "いいえ"})
    made = messages.updated("en", {})
    assert [(m.context, m.string) for m in messages.unfinished(made)] == [("common.yes", "Yes")]
    assert messages.unfinished(messages.updated("en", {"common.yes": "Yes."})) == []


# ---- the glossary ----------------------------------------------------------------------------------------------------


def strings(thing: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(thing, Mapping):
        for key, value in thing.items():
            yield from strings(value, f"{path}.{key}")
    elif isinstance(thing, list):
        for value in thing:
            yield from strings(value, path)
    elif isinstance(thing, str) and JAPANESE.search(thing):
        yield path, thing


@pytest.mark.parametrize("spoken", TRANSLATED)
@pytest.mark.parametrize("system", ["ise", "aomori", "nagasaki", "saitama"])
def test_every_word_of_the_packaged_systems_is_in_the_glossary(system: str, spoken: str) -> None:
    """All but the mail, which is in Japanese."""
    profile = tomllib.loads((PACKAGED / f"{system}.toml").read_text(encoding="utf-8"))
    known = glossary(spoken)
    assert [(path, text) for path, text in strings(profile) if text not in known and not path.startswith(".mail")] == []


def test_the_glossary_says_nothing_twice_and_labels_are_short() -> None:
    tables = tomllib.loads(GLOSSARY.read_text(encoding="utf-8"))
    assert tables.keys() == {"labels", "short", "sentences"}
    for label, shorter in tables["short"].items():
        assert len(shorter) < len(tables["labels"][label]) or shorter == tables["labels"][label], label
    assert tables["labels"].keys() & tables["sentences"].keys() == set()
    assert [text for text in tables["labels"].values() if JAPANESE.search(text) or len(text) > 40] == []
    assert [text for text in tables["sentences"].values() if SENTENCE.search(text)] == []


def test_a_label_keeps_its_japanese_and_an_unknown_one_is_left_alone(english: None) -> None:
    assert gloss("業者番号") == f"業者番号{BESIDE}Vendor No."
    assert gloss("(60文字以内)") == "(up to 60)"
    assert gloss("港町の申請番号") == "港町の申請番号"


# ---- speaking --------------------------------------------------------------------------------------------------------


def test_t_speaks_the_language_and_glosses_labels_in_values() -> None:
    assert t("field.required", label="業者番号") == "業者番号を入力してください。"
    speak("en")
    assert t("field.required", label="業者番号") == "Enter 業者番号 / Vendor No.."
    with speaking("ja"):
        assert t("common.yes") == "はい"


def test_an_error_speaks_the_language_of_who_is_told() -> None:
    error = RuleError("R-05", trade_name="テスト工事")
    with speaking("en"):
        assert (error.title, "テスト工事" in error.remedy) == ("This IC card is registered already", True)
    assert error.title == "このICカードは、すでに登録されています"


def test_what_was_said_can_be_said_again() -> None:
    remember_origins()
    text = t("field.required", label="業者番号")
    both = joined("\n", (text, "企業情報"))
    assert isinstance(text, TranslatableText)
    assert not isinstance(str(text), TranslatableText)
    speak("en")
    assert retranslated(text) == "Enter 業者番号 / Vendor No.."
    assert retranslated(both) == "Enter 業者番号 / Vendor No..\n企業情報 / Company"
    english = retranslated(both)
    speak("ja")
    assert retranslated(english) == both
    assert retranslated("業者") == "業者"


def test_a_request_is_said_in_english_and_values_stay_as_they_are(english: None) -> None:
    row = Row("企業名称", "企業情報", note="必須")
    section = localised(Section("企業情報", (row,)))
    assert section == Section("企業情報 / Company", (Row("企業名称 / Company name", "企業情報", note="required"),))
    question = Question("menu", "利用者登録メニュー", (Option("registration", "登録"),))
    assert localised(question).options[0] == Option("registration", "登録 / Register")
    speak("ja")
    assert localised(question) is question
    assert relocalised(question) is question


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "ja"),
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("ja,en;q=0.5", "ja"),
        ("ja;q=0.3, en;q=0.4", "en"),
        ("fr, de", "ja"),
        ("fr;q=1, en;q=0.1", "en"),
        ("en;q=0", "ja"),
        ("en;q=x", "ja"),
        ("en;q=nan", "ja"),
        (";;;,=,q", "ja"),
    ],
)
def test_the_language_that_a_caller_asks_for(header: str, language: str) -> None:
    assert asked_for(header) == language


# ---- settings --------------------------------------------------------------------------------------------------------


def test_flag_before_environment_before_file(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('language = "en"\n', encoding="utf-8")
    assert settings.load({}, {}, (file,)).language == "en"
    assert settings.load({}, {"EBID_LANGUAGE": "ja"}, (file,)).language == "ja"
    assert settings.load({}, {"EBID_LANGUAGE": "ja", "EBID_TUI_LANGUAGE": "en"}, ()).language == "en"
    assert settings.load({"language": "ja"}, {"EBID_LANGUAGE": "en"}, (file,)).language == "ja"
    with pytest.raises(settings.SettingsError):
        settings.load({"language": "fr"}, {}, ())


@pytest.mark.parametrize(
    ("arguments", "environment", "text"),
    [
        (["--help"], {}, "電子入札のICカード"),
        (["--language", "en", "--help"], {}, "Registers IC cards"),
        (["--language=en", "--help"], {}, "Registers IC cards"),
        (["--help"], {"EBID_LANGUAGE": "en"}, "Registers IC cards"),
        (["serve", "--help"], {"EBID_LANGUAGE": "en"}, "Runs the registration server."),
        (["admin", "--help"], {"EBID_TUI_LANGUAGE": "en"}, "Looks after the registration server."),
        (["plain", "--language", "en", "--help"], {}, ":back goes back"),
        (["--language", "en", "plain"], {}, "Correct system"),
    ],
)
def test_the_command_line_speaks(arguments: list[str], environment: dict[str, str], text: str) -> None:
    spoken_to = {**os.environ, "COLUMNS": "200", **environment}
    ran = subprocess.run([sys.executable, "-m", "ebid_tui", *arguments], env=spoken_to, capture_output=True, text=True, check=False)
    assert text in ran.stdout + ran.stderr


def test_japanese_loads_no_catalogue() -> None:
    catalogue.cache_clear()
    glossary.cache_clear()
    assert has("common.yes")
    assert t("error.E-INPUT.title")
    assert localised(Question("menu", profile_of("ise").menu.title, ())).title == "利用者登録メニュー"
    assert catalogue.cache_info().currsize == glossary.cache_info().currsize == 0
