"""Whom to ask: everyone whom the documents name, with everything that they print."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from ebid_tui.domain import contacts, faq
from ebid_tui.domain.profile.parts import Contact
from ebid_tui.domain.profile.systems import load, profile_of
from ebid_tui.errors import ProfileError
from ebid_tui.messages import t

MINATO_FILE = Path(__file__).resolve().parent / "profiles" / "minato.toml"
MINATO = load(MINATO_FILE)


def test_a_further_contact_is_told_with_what_it_is_for_and_where() -> None:
    said = contacts.told(MINATO, contacts.every(MINATO)[-1])
    for part in ("制度のこと", "港町役場 契約係", "000-000-0003", "000-000-0004", "rules@minato.example", "https://minato.example/keiyaku"):
        assert part in said
    assert said.endswith(t("answer.only_in", categories="工事"))


def test_a_bare_contact_is_its_name() -> None:
    assert contacts.told(MINATO, Contact(name="契約係")) == "契約係"
    assert contacts.told(MINATO, Contact(name="契約係", hours="平日")) == "契約係 平日"


@pytest.mark.parametrize("system", ["ise", "aomori", "nagasaki", "saitama"])
def test_both_voices_answer_with_every_contact(system: str) -> None:
    profile = profile_of(system)
    texts = {topic.title: topic.text for topic in faq.topics(profile)}
    assert texts[t("faq.contact.q")] == contacts.told(profile, profile.helpdesk)
    for contact in (profile.contact, *profile.contacts):
        assert contacts.told(profile, contact) in texts[t("faq.others.q")]


def test_an_unknown_category_and_a_second_of_one_id_are_refused(tmp_path: Path) -> None:
    text = MINATO_FILE.read_text()
    for old, new in (
        ('categories = ["works"]', 'categories = ["work"]'),
        ('id = "rules"', 'id = "rules"\nname = "x"\n[[contacts]]\nid = "rules"'),
    ):
        assert text.count(old) == 1
        (tmp_path / "minato.toml").write_text(text.replace(old, new))
        with pytest.raises(ProfileError) as refused:
            load(tmp_path / "minato.toml")
        assert refused.value.key.startswith("contacts")


def test_what_is_about_nothing_has_no_heading() -> None:
    headed = msgspec.structs.replace(MINATO.contact, about="資格のこと")
    assert contacts.told(MINATO, headed) == t("answer.about", about="資格のこと", whom=contacts.told(MINATO, MINATO.contact))
