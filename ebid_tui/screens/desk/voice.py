"""Implements `flows.desk.ui.DeskUi` with screens."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from ebid_tui.flows.desk.ui import ChosenAction, FindAction, InitialPassword, ListAction, Listing, VendorAction, VendorPage, VendorSearch
from ebid_tui.flows.localising import localised
from ebid_tui.screens.voice import ScreenUi


class DeskScreenUi(ScreenUi):
    """What every flow asks, and what the desk asks beside it."""

    def at_work(self, mark: str) -> None:
        self._stage.office = msgspec.structs.replace(self._stage.office, mark=mark)

    async def find(self, request: VendorSearch) -> ChosenAction[FindAction]:
        from ebid_tui.screens.desk.search import SearchScreen

        return await self._ask(SearchScreen(self._stage.office, request))

    async def vendor(self, page: VendorPage) -> ChosenAction[VendorAction]:
        from ebid_tui.screens.desk.vendor import VendorScreen

        return await self._ask(VendorScreen(self._stage.office, replace(page, parts=localised(page.parts))))

    async def listing(self, listing: Listing) -> ChosenAction[ListAction]:
        from ebid_tui.screens.desk.listing import ListScreen

        return await self._ask(ListScreen(self._stage.office, listing))

    async def initial_password(self, shown: InitialPassword) -> None:
        from ebid_tui.screens.desk.initial_password import InitialPasswordScreen

        make = self._stage.outlet
        outlet = make(self._stage.office.profile) if make is not None else None
        await self._ask(InitialPasswordScreen(self._stage.office, shown, outlet))
