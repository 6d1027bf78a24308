"""What answers say of days, characters and fields is what the file says."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from ebid_tui.domain import answers, faq
from ebid_tui.domain.profile.systems import Hours, available, load, profile_of
from ebid_tui.messages import t
from ebid_tui.messages.faq import TEXTS

MINATO = load(Path(__file__).resolve().parent / "profiles" / "minato.toml")
ISE = profile_of("ise")


@pytest.mark.parametrize(
    ("weekdays", "holidays", "said"),
    [
        ((0, 1, 2, 3, 4), True, "平日"),
        ((4, 3, 2, 1, 0), False, "月曜日から金曜日（祝日を含む）"),
        (tuple(range(7)), False, "毎日"),
        (tuple(range(7)), True, "毎日（祝日を除く）"),
        ((5, 0), True, "月曜日、土曜日（祝日を除く）"),
        ((6,), False, "日曜日"),
    ],
)
def test_days_are_said_as_the_file_has_them(weekdays: tuple[int, ...], holidays: bool, said: str) -> None:
    assert answers.days(Hours(weekdays=weekdays, holidays=holidays)) == said


@pytest.mark.parametrize(
    ("closed", "holidays", "said"),
    [
        ((), True, ""),
        (("12-29", "12-30", "12-31", "01-02", "01-03"), True, "12月29日から1月3日は休みです。"),
        (("12-29", "12-30", "12-31", "01-02", "01-03"), False, "1月2日から1月3日、12月29日から12月31日は休みです。"),
        (("08-15", "02-29", "03-01"), True, "2月29日から3月1日、8月15日は休みです。"),
        (("2027-06-30", "2027-07-01", "05-01"), True, "5月1日、2027年6月30日から2027年7月1日は休みです。"),
    ],
)
def test_closing_days_in_a_row_are_one(closed: tuple[str, ...], holidays: bool, said: str) -> None:
    assert answers.closed(Hours(closed_days=closed, holidays=holidays)) == said


def test_what_is_searched_and_typed_is_the_systems_own() -> None:
    assert answers.to_check(MINATO) == f"登録番号、会社名、{t('answer.password', label='暗証')}"
    assert t("answer.full_name", label="商号又は名称") in answers.to_check(ISE)
    assert answers.characters(MINATO) != answers.characters(ISE)
    assert answers.same_day(MINATO)
    assert not answers.same_day(ISE)


def test_a_question_needs_what_it_speaks_of() -> None:
    assert {*answers.NEEDS} <= {key.rpartition(".")[0] for key in TEXTS}
    fewer = msgspec.structs.replace(
        ISE,
        menu=msgspec.structs.replace(ISE.menu, items=tuple(item for item in ISE.menu.items if item.id == "registration")),
        blocks=tuple(block for block in ISE.blocks if block.id != "representative_contact"),
        categories=ISE.categories[:1],
    )
    lost = {question for question in answers.NEEDS if answers.asked_here(ISE, question) and not answers.asked_here(fewer, question)}
    assert lost == {"which", "changed_person", "representative", "both_kinds", "card_free", "number"}
    assert not answers.asked_here(MINATO, "corporate")


@pytest.mark.parametrize("system", sorted(available()))
def test_every_question_of_a_system_is_found_by_the_standard_words_too(system: str) -> None:
    assert faq.search(faq.topics(profile_of(system)), "業者番号 見つからない") or system == "saitama"
    assert t("faq.contact.q") in [topic.title for topic in faq.search(faq.topics(profile_of(system)), "ヘルプデスク")]


def test_a_question_of_the_file_stands_in_the_place_of_the_programs_or_behind_them() -> None:
    topics = faq.topics(MINATO)
    titles = [topic.title for topic in topics]
    assert t("faq.many.q") not in titles
    assert t("faq.corporate.q") not in titles
    assert titles.index("カードは何枚まで登録できますか。") == titles.index(t("faq.whose.q")) + 1
    assert titles.index("役場に駐車場はありますか。") == titles.index(t("faq.others.q")) + 1
    assert [topic.text for topic in faq.search(topics, "枚数")] == ["3枚までです。"]
