"""The questions: complete, in our own words for each system, found by any spelling."""

from __future__ import annotations

import pytest

from ebid_tui.domain import faq
from ebid_tui.domain.profile.systems import available, profile_of
from ebid_tui.messages.faq import TEXTS


def test_every_question_has_an_answer_and_words_to_find_it_by() -> None:
    ids = {key.rpartition(".")[0] for key in TEXTS}
    assert {f"{i}.{part}" for i in ids for part in ("q", "a", "words")} == set(TEXTS) | {"need_card.words"}


@pytest.mark.parametrize("system", sorted(available()))
def test_no_placeholder_is_left_in_any_system(system: str) -> None:
    topics = faq.topics(profile_of(system))
    assert len(topics) > 25
    assert not [topic.title for topic in topics if "{" in topic.text or not topic.text.strip()]


@pytest.mark.parametrize("query", ["ロック", "ろっく", "ﾛｯｸ", "PIN ロック", "ｐｉｎ　ろっく"])
def test_width_case_and_kana_do_not_matter(query: str) -> None:
    assert "PIN番号がロックされました。" in [topic.title for topic in faq.search(faq.topics(profile_of("ise")), query)]


def test_every_word_has_to_be_there_and_titles_come_first() -> None:
    topics = faq.topics(profile_of("ise"))
    assert faq.search(topics, "マイナンバー")[0].title == "マイナンバーカードは使えますか。"
    assert faq.search(topics, "マイナンバー 印刷") == ()
    assert faq.search(topics, "  ") == topics


def test_r36_card_free_registration_is_explained_only_where_there_is_one() -> None:
    told = {system: [t.title for t in faq.topics(profile_of(system))] for system in available()}
    assert [system for system, titles in told.items() if "ICカードなしで登録できますか。" in titles] == ["ise"]


def test_fields_are_explained_in_the_systems_own_labels() -> None:
    assert "支店名等" in [topic.title for topic in faq.search(faq.topics(profile_of("aomori")), "支店名等")]


def test_titles_come_first_by_any_of_the_words_and_else_the_order_stays() -> None:
    topics = tuple(
        faq.Topic(title, text) for title, text in (("受付", "電話 番号"), ("電話", "番号"), ("窓口", "番号 電話"), ("番号と電話", ""))
    )
    assert [topic.title for topic in faq.search(topics, "電話 番号")] == ["電話", "番号と電話", "受付", "窓口"]
    assert [topic.title for topic in faq.search(topics, "番号 窓口")] == ["窓口"]


def test_a_field_is_explained_where_it_is_typed_and_has_something_to_say() -> None:
    profile = profile_of("ise")
    titles = [topic.title for topic in faq.topics(profile)]
    for block in profile.blocks:
        for field in profile.every_field(block.id):
            if field.input and field.help:
                assert titles.count(field.label) == 1
    shown = {f.label for b in profile.blocks for f in profile.every_field(b.id) if not f.input}
    typed = {f.label for b in profile.blocks for f in profile.every_field(b.id) if f.input} | {f.label for f in profile.search.fields}
    assert not (shown - typed) & set(titles)
