"""Every fixed sentence in a system's own words: none that it calls otherwise, in no language's values, in no other request."""

from __future__ import annotations

import asyncio
import re
from importlib import import_module
from pathlib import Path
from string import Formatter

import pytest

from ebid_tui import language as terms
from ebid_tui import messages
from ebid_tui.domain.profile.systems import Profile, available, load
from ebid_tui.domain.profile.terms import STANDARD
from ebid_tui.errors import ProfileError
from ebid_tui.language import keeping_language, speaking
from ebid_tui.messages import t

MINATO = Path(__file__).resolve().parents[1] / "profiles" / "minato.toml"
SYSTEMS = {**available(), "minato": MINATO}


def _sentences() -> list[tuple[str, str]]:
    areas = {area: import_module(f"ebid_tui.messages.{area}").TEXTS for area in messages.AREAS}
    every = [(f"{area}.{name}", text) for area, texts in areas.items() for name, text in texts.items()]
    return [(key, text) for key, text in every if terms.bound(key)]


def _fixed(text: str) -> tuple[list[str], list[str]]:
    """What stands between the placeholders, and the placeholders."""
    parts = list(Formatter().parse(text))
    return [part[0] for part in parts], [str(part[1:]) for part in parts if part[1] is not None]


@pytest.mark.parametrize("system", sorted(SYSTEMS))
def test_no_sentence_has_a_word_that_the_system_calls_otherwise(system: str) -> None:
    found = load(SYSTEMS[system]).words
    others = [standard for standard, own in found if not any(standard in word for _, word in found)]
    assert others or system in ("ise", "aomori", "nagasaki")
    for key, text in _sentences():
        said = terms.in_words(text, found) if found else text
        assert not [word for word in others if word in said], key
        assert sorted(_fixed(said)[1]) == sorted(_fixed(text)[1]), key


def test_a_systems_words_are_those_of_its_titles_labels_and_menus() -> None:
    said = dict(load(MINATO).words)
    assert said["調達機関"] == "発注機関"
    assert said["調達区分"] == "業務区分"
    assert said["業者番号"] == said["ユーザID"] == said["業者番号（ユーザID）"] == "登録番号"
    assert said["商号又は名称"] == "会社名"
    assert (said["パスワード"], said["初期パスワード"]) == ("暗証", "仮の暗証")
    assert (said["「登録」"], said["「変更」"], said["ICカード更新"]) == ("「新規登録」", "「内容変更」", "カード切替")
    assert "登録" not in said


def _with(key: str, word: str, text: str) -> str:
    before, head, table = text.partition("[terms]\n")
    assert head
    return before + head + re.sub(f'^{key} = ".*"$', f'{key} = "{word}"', table, count=1, flags=re.M)


def test_a_word_of_its_own_goes_before_a_label(tmp_path: Path) -> None:
    file = tmp_path / "minato.toml"
    file.write_text(_with("number", "受付番号", _with("initial_password", "仮暗証", MINATO.read_text())))
    said = dict(load(file).words)
    assert (said["業者番号"], said["初期パスワード"], said["パスワード"]) == ("受付番号", "仮暗証", "暗証")


def test_values_are_not_changed_and_a_word_is_not_replaced_twice() -> None:
    with terms.speaking_of((("業者番号", "パスワード"), ("パスワード", "暗証"))):
        assert t("faq.number.q", number="業者番号") == messages._area("faq")["number.q"].format(number="業者番号")
        assert terms.own("faq.x", "業者番号とパスワード") == "パスワードと暗証"
        assert terms.own("admin.x", "業者番号") == "業者番号"
        with speaking("en"):
            assert not re.search("暗証", t("error.R-30.title"))


def test_what_a_request_learns_ends_with_it_and_goes_into_its_tasks_and_threads() -> None:
    async def request(word: str) -> str:
        with terms.speaking_of():
            await asyncio.create_task(_learning(word))
            work = keeping_language(lambda: terms.own("error.x", "業者番号"))
            return await asyncio.get_running_loop().run_in_executor(None, work)

    async def both() -> tuple[str, str]:
        return await asyncio.gather(request("資格者番号"), request("登録番号"))

    assert list(asyncio.run(both())) == ["資格者番号", "登録番号"]
    assert terms.words() == ()
    terms.learn((("業者番号", "番号"),))
    assert terms.words() == ()


async def _learning(word: str) -> None:
    await asyncio.sleep(0)
    terms.learn((("業者番号", word),))


@pytest.mark.parametrize("key", sorted(STANDARD))
def test_a_word_with_a_brace_is_refused(key: str, tmp_path: Path) -> None:
    file = tmp_path / "minato.toml"
    file.write_text(_with(key, "番{号}", MINATO.read_text()))
    with pytest.raises(ProfileError, match=f"terms.{key}"):
        load(file)


def test_without_the_table_an_initial_password_is_made_of_the_word_for_a_password(tmp_path: Path) -> None:
    file = tmp_path / "minato.toml"
    file.write_text(_with("initial_password", "", MINATO.read_text()))
    assert dict(load(file).words)["初期パスワード"] == "初期暗証"


def test_the_standard_words_are_said_where_nothing_is_renamed() -> None:
    ise: Profile = load(SYSTEMS["ise"])
    assert not {"調達機関", "業者番号", "パスワード", "ユーザID"} & dict(ise.words).keys()
