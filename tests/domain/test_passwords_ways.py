"""What is said of passwords follows the file (M1): where they are changed, what a reset gives, what an expired one needs."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest

from ebid_tui.domain import lost_passwords
from ebid_tui.domain.faq import topics
from ebid_tui.domain.profile.systems import Password, Profile, profile_of
from ebid_tui.messages import t

ISE, NAGASAKI = profile_of("ise"), profile_of("nagasaki")
OTHER = "別のシステム"


def where(changed: Any, initial: Any, **more: Any) -> Profile:
    fields = ISE.password.fields if ISE.password is not None and changed == "here" else ()
    elsewhere = OTHER if changed == "elsewhere" else ""
    return msgspec.structs.replace(
        ISE, password=Password(title="変更", initial=initial, changed=changed, elsewhere=elsewhere, fields=fields, **more)
    )


@pytest.mark.parametrize("changed", ["here", "elsewhere", "nowhere"])
@pytest.mark.parametrize("initial", ["must_change", "use_as_is"])
def test_m1_every_sentence_of_passwords_says_where(changed: Any, initial: Any) -> None:
    profile = where(changed, initial)
    told = [lost_passwords.after_reset(profile), lost_passwords.way_of_expired(profile)]
    told += [lost_passwords.way_of_initial(profile)] * (initial == "must_change")
    told += [lost_passwords.way_to_change(profile)] * (changed != "here")
    assert all((OTHER in one) == (changed == "elsewhere") for one in told), told
    asked = [topic for topic in topics(profile) if topic.title == t("faq.initial_password.q")]
    assert len(asked) == (initial == "must_change")
    if asked and changed != "nowhere":
        assert (OTHER in asked[0].text) == (changed == "elsewhere")


def test_the_policy_of_the_answer_is_the_files() -> None:
    profile = where("here", "must_change", min_length=13, symbols=False)
    (answer,) = (topic.text for topic in topics(profile) if topic.title == t("faq.initial_password.q"))
    assert t("field.policy_length", min=13) in answer
    assert t("field.policy_symbols") not in answer


def test_a_system_without_passwords_says_so() -> None:
    assert lost_passwords.way_to_change(NAGASAKI) == t("password.none")


def test_until_when_a_password_works() -> None:
    assert lost_passwords.expires_on(where("here", "must_change", expires_days=90), date(2026, 9, 2)) == date(2026, 12, 1)
    assert lost_passwords.expires_on(where("here", "must_change", expires_days=90), None) is None
    assert lost_passwords.expires_on(where("here", "must_change"), date(2026, 9, 2)) is None
    assert lost_passwords.expires_on(NAGASAKI, date(2026, 9, 2)) is None


@pytest.mark.parametrize(
    ("password", "search", "counts", "delays"),
    [
        (Password(initial="use_as_is", changed="nowhere"), {}, True, False),
        (Password(initial="must_change", changed="elsewhere", elsewhere=OTHER, counts="next_day"), {}, False, True),
        (Password(elsewhere=OTHER), {}, True, False),
        (Password(elsewhere=OTHER), {"password_change_delays": True}, True, True),
        (None, {}, True, False),
        (ISE.password, {"notified_password": "automatic"}, False, False),
        (ISE.password, {"notified_password": "in_force"}, True, False),
    ],
)
def test_m1_files_of_before_mean_what_they_meant(password: Any, search: dict[str, Any], counts: bool, delays: bool) -> None:
    profile = msgspec.structs.replace(ISE, password=password, search=msgspec.structs.replace(ISE.search, **search))
    if password is ISE.password and password is not None:
        plain = msgspec.structs.replace(password, initial=None, changed=None, counts=None)
        profile = msgspec.structs.replace(profile, password=plain)
    assert (profile.notified_password_counts, profile.password_change_delays) == (counts, delays)
