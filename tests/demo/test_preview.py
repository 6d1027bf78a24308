"""Each page of a system as text, with made-up values."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from ebid_tui.demo.preview import SCREENS, ScreenName, preview
from ebid_tui.domain.profile.systems import profile_of

SYSTEMS = ("ise", "aomori", "nagasaki", "saitama")


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("system", SYSTEMS)
def test_each_page_of_each_system_is_shown(system: str, screen: ScreenName) -> None:
    profile = profile_of(system)
    shown = preview(profile, screen, (100, 40))
    titles = {
        "menu": profile.menu.title,
        "search": profile.search.title,
        "form": profile.registration_form.title,
        "review": profile.confirmation.title,
        "mail": profile.mail.subject,
        "print": profile.print.title,
    }
    assert titles[screen] in shown


def test_a_page_has_the_size_that_is_asked_for() -> None:
    rows = preview(profile_of("ise"), "form", (80, 24)).splitlines()
    assert len(rows) <= 24
    assert max(cell_len(row) for row in rows) <= 80
    assert len(preview(profile_of("ise"), "form", (100, 40)).splitlines()) > 24
