"""R-33: what somebody does without a password is the system's own way, and no other system's."""

from __future__ import annotations

import msgspec
import pytest

from ebid_tui.domain import faq
from ebid_tui.domain.codes import explained
from ebid_tui.domain.lost_passwords import searched, way_back
from ebid_tui.domain.profile.systems import available, profile_of
from ebid_tui.messages import t

FORGOTTEN = t("faq.forgotten.q")


def test_r33_where_passwords_are_another_systems_it_issues_a_new_one() -> None:
    told = way_back(profile_of("saitama"))
    assert told.startswith("競争入札参加資格申請受付システム（8時30分から23時）でパスワードを再発行してください。")
    assert profile_of("saitama").contact.name in told
    assert "初期化" not in told


def test_r33_elsewhere_by_the_application_that_the_documents_name() -> None:
    profile = profile_of("ise")
    assert way_back(profile) == f"「パスワード初期化申請書」を{profile.contact.name}に提出してください。"
    assert profile.password is not None
    nameless = msgspec.structs.replace(profile, password=msgspec.structs.replace(profile.password, reset_application=""))
    assert way_back(nameless) == t("error.R-33.remedy", contact=profile.contact.name)
    assert way_back(msgspec.structs.replace(profile, password=None)) == way_back(nameless)


@pytest.mark.parametrize("system", sorted(available()))
def test_r33_the_questions_and_the_desk_say_it_alike_and_only_where_a_search_has_a_password(system: str) -> None:
    profile = profile_of(system)
    answers = [topic.text for topic in faq.topics(profile) if topic.title == FORGOTTEN]
    own = any(question.id == "forgotten" for question in profile.faq)
    assert len(answers) == (searched(profile) and not own), "a file may answer it by itself"
    assert all(answer.startswith(way_back(profile)) for answer in answers)
    assert explained("R-33", profile).remedy == way_back(profile)
    assert explained("R-33", profile).tell.startswith(way_back(profile))
    assert explained("R-04", profile).remedy.endswith(way_back(profile))


def test_only_some_systems_have_a_password_on_their_search() -> None:
    assert {system: searched(profile_of(system)) for system in ("ise", "nagasaki", "saitama")} == {
        "ise": True,
        "nagasaki": False,
        "saitama": True,
    }
