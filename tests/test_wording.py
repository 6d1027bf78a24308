"""What a machine can see of `docs/wording.md`, over every sentence of the catalogue and of the packaged systems."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from ebid_tui.messages import AREAS

ROOT = Path(__file__).resolve().parent.parent
SENTENCES = {f"{area}.{name}": text for area in AREAS for name, text in import_module(f"ebid_tui.messages.{area}").TEXTS.items()}
FOR_OPERATORS = {"admin", "backup", "desk", "desk_codes", "doctor", "evidence", "main"}
FOR_OPERATORS |= {"new_file", "reason", "roster", "system", "system_key"}
"""Areas that no bidder reads."""
OTHER_OPERATORS = re.compile(r"server\.(serve|not_ready|tls_both)")

TERMS = (
    r"プリンタ(?!ー)|ディレクトリ(?!ー)|プロキシ(?!ー)|メモリ(?!ー)|サーバ(?!ー)|フォルダ(?!ー)|ユーザ(?!ー|ID)|"
    r"置きかえ|台本|問い(?!合)|行ごとの|挿入|差さ|差し替|差し直|お客さま|発注機関|あて先|あて名|送り先|監査ログ|証拠|既定|下さい|"
    r"(?<![一-龠])今(?![日回月年後度])|一つ|二つ|仮パスワード|(?<![一-龠])写[しす]"
)
"""What the table of the page has another word for."""
THE_MACHINE_SPEAKS = r"知らせません|答えません|断りました|話して|聞いていません|聞きません|言います|知りません|の返事"
KEYS = r"(?:Enter|Esc|Tab|PgDn|PgUp|Backspace|F\d{1,2})"
RULES = {
    "terms (table)": TERMS,
    "the machine does not speak (5)": THE_MACHINE_SPEAKS,
    "no instruction ends in です (1)": r"「[^」]*」です。",
    "ここ and これ have a noun (1)": r"(?:^|[。、\n])(?:ここ|これ)(?:で|は|を|も|に)",
    "numbers have no spaces (7)": r"\{\w+\} (?:回|日|件|秒|枚|行|文字|人|台|か所)",
    "keys have a space on both sides (7)": rf"(?<![A-Za-z+]){KEYS}(?=[ぁ-んァ-ヶ一-龠])|(?<=[ぁ-んァ-ヶ一-龠]){KEYS}(?![\w+])",
}
SEARCHED = re.compile(r"faq\.\w+\.words|help\.\w+\.words")
"""Words by which callers ask: theirs, not ours."""


def systems() -> Iterator[tuple[str, str]]:
    """Every text of the packaged systems by file and keys."""

    def texts(place: str, value: object) -> Iterator[tuple[str, str]]:
        if isinstance(value, str):
            yield place, value
        elif isinstance(value, dict):
            for key, one in value.items():
                yield from texts(f"{place}.{key}", one)
        elif isinstance(value, list):
            for number, one in enumerate(value):
                yield from texts(f"{place}.{number}", one)

    for file in sorted((ROOT / "ebid_tui" / "systems").glob("*.toml")):
        yield from texts(file.name, tomllib.loads(file.read_text("utf-8")))


@pytest.mark.parametrize("rule", RULES)
def test_every_sentence_keeps(rule: str) -> None:
    pattern = re.compile(RULES[rule])
    broken = [f"{key}: {text}" for key, text in SENTENCES.items() if not SEARCHED.fullmatch(key) and pattern.search(text)]
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize("rule", ["the machine does not speak (5)", "keys have a space on both sides (7)"])
def test_every_text_of_a_system_keeps(rule: str) -> None:
    pattern = re.compile(RULES[rule])
    broken = [f"{place}: {text}" for place, text in systems() if pattern.search(text)]
    assert not broken, "\n".join(broken)


def test_each_rule_would_see_what_it_forbids() -> None:
    forbidden = {
        "terms (table)": ("プリンタを", "台本にない問い", "お客さま", "今の状態"),
        "the machine does not speak (5)": ("カードが知らせません", "PIN番号は聞いていません"),
        "no instruction ends in です (1)": ("更新せずに「登録」です。",),
        "ここ and これ have a noun (1)": ("ここでは変えられません", "使えないときも、これです。", "はい。これを選びます"),
        "numbers have no spaces (7)": ("残り {n} 回です。",),
        "keys have a space on both sides (7)": ("F6を押す", "続けてEnter を"),
    }
    assert forbidden.keys() == RULES.keys()
    seen = {(rule, text): bool(re.search(RULES[rule], text)) for rule, texts in forbidden.items() for text in texts}
    seen.pop(("ここ and これ have a noun (1)", "使えないときも、これです。"))  # only a reader sees that
    assert all(seen.values()), seen


def test_titles_have_no_full_stop() -> None:
    said = {key: text for key, text in SENTENCES.items() if not key.startswith("system_key.")}
    titles = {key: text for key, text in said.items() if re.search(r"[._](?:title|label)$", key)}
    assert len(titles) > 200
    assert not {key: text for key, text in titles.items() if re.search(r"[。？?]$", text)}


def test_bidders_see_no_number_of_a_rule() -> None:
    read = {key: text for key, text in SENTENCES.items() if key.partition(".")[0] not in FOR_OPERATORS and not OTHER_OPERATORS.match(key)}
    broken = [f"{key}: {text}" for key, text in (*read.items(), *systems()) if re.search(r"R-\d\d.|.R-\d\d|HTTP(?!S)|Idempotency", text)]
    assert not broken, "\n".join(broken)


def test_buttons_named_in_a_sentence_exist() -> None:
    """「登録」 and the like are labels of a system's file or sentences of the catalogue, whole."""
    labels = {text for _, text in systems()} | set(SENTENCES.values()) | NAMED_ELSEWHERE
    pressed = re.compile(r"「([^「」{}]+)」を(?:選|押)")
    unknown = [f"{key}: {name}" for key, text in SENTENCES.items() for name in pressed.findall(text) if name not in labels]
    assert not unknown, "\n".join(unknown)


NAMED_ELSEWHERE: set[str] = set()
"""Buttons that are no sentence and no label of a file."""
