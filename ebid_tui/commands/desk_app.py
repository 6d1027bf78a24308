"""The Textual app of `ebid-tui desk` and of its training: `EbidApp` with a mark in every page's header."""

from __future__ import annotations

from typing import Any

import msgspec

from ebid_tui.app import EbidApp, Flow
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.screens.desk.voice import DeskScreenUi


class DeskApp(EbidApp):
    """`mark` stands in the header of every page."""

    def __init__(self, profile: Profile, run: Flow, *, mark: str = "", **more: Any) -> None:
        super().__init__(profile, run, **more)
        self.office = msgspec.structs.replace(self.office, mark=mark)
        self.voice = DeskScreenUi(self)
