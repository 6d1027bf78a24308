"""The desk in lines (`ebid-tui desk --plain`): one thing per line, an error before its prompt.

Prompts: `operator_method`, `operator.login_id`, `operator.password`, `operator.code`; then `desk` (find, expiring, requests, sign_out);
`find`, `hit`, `vendor` (what to do next), `row` of a list; and those of the flows that are asked for (docs/operators.md).
"""

from __future__ import annotations

from collections.abc import Sequence

from ebid_tui.card_and_server import CardAndServer
from ebid_tui.client.interface import Desk
from ebid_tui.domain.codes import codes_in
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.errors import EbidError, SessionGone
from ebid_tui.flows.desk import finding
from ebid_tui.flows.desk.session import DeskState
from ebid_tui.flows.desk.ui import (
    REPORTS,
    ChosenAction,
    FindAction,
    InitialPassword,
    ListAction,
    Listing,
    ListRow,
    SearchState,
    VendorAction,
    VendorPage,
    VendorSearch,
)
from ebid_tui.flows.desk.visit import desk_visit
from ebid_tui.flows.localising import localised
from ebid_tui.flows.ui import Nav
from ebid_tui.language import use_words
from ebid_tui.messages import t
from ebid_tui.plain.answers import Answers, EndOfInput, Prompt
from ebid_tui.plain.pages import print_error, print_sections
from ebid_tui.plain.run import COMPLETED, NOT_COMPLETED, ended, in_lines
from ebid_tui.plain.voice import PlainUi


def run_desk_in_lines(profile: Profile, parts: CardAndServer, desk: Desk, script: str | None, secrets: int | None) -> int:
    """One operator's visit; COMPLETED where something that was asked for was shown or done. Exit codes as in line mode."""
    return in_lines(parts, script, secrets, lambda answers: _visit(profile, parts, desk, answers))


async def _visit(profile: Profile, parts: CardAndServer, desk: Desk, answers: Answers) -> int:
    use_words(profile.words)
    ui = PlainDesk(answers, parts, profile)
    print(t("plain.hello", name=profile.name, title=profile.title))
    print(t("plain.keys"))
    try:
        await desk_visit(ui, desk, parts.cards, profile, DeskState(), training=False)
    except EndOfInput as end:
        return COMPLETED if ui.shown else ended(NOT_COMPLETED, t(end.said))
    return COMPLETED if ui.shown else ended(NOT_COMPLETED, t("plain.abandoned"))


class PlainDesk(PlainUi):
    """`flows.desk.ui.DeskUi` over prompts."""

    def __init__(self, answers: Answers, parts: CardAndServer, profile: Profile) -> None:
        super().__init__(answers, parts.cards, parts.tray, profile=profile)
        self._profile = profile
        self._page: VendorPage | None = None
        self.shown = False
        """Whether anything that was asked for has been shown."""

    def at_work(self, mark: str) -> None:
        print(mark)

    async def find(self, request: VendorSearch) -> ChosenAction[FindAction]:
        while True:
            print()
            print(request.title)
            print(t("desk.recorded"))
            self.completed = self._chooser.flow_ended = self.shown
            away = (*REPORTS, FindAction.REQUESTS, FindAction.SIGN_OUT)
            options = [(name, t(f"desk.plain.{name}")) for name in ("find", *away)]
            print(t("desk.plain.menu"))
            answer = await self._numbered("desk", options, "find" if not self.shown else None)
            if answer != "find":
                return ChosenAction(FindAction.SIGN_OUT if isinstance(answer, Nav) else FindAction(answer))
            if (wish := await self._found(request)) is not None:
                return wish

    async def _found(self, request: VendorSearch) -> ChosenAction[FindAction] | None:
        """Ask for a text, print what is found, and which of it is opened; None: something else."""
        place = request.place
        place.text = await self._line(Prompt("find"), t("desk.plain.text"))
        place.found, place.marks, place.codes = [], {}, codes_in(place.text)
        if len(place.codes) == 1:
            self.shown = True
            return ChosenAction(FindAction.CODE, place.codes[0])
        if not place.codes and (wish := await self._looked(request, place)) is not None:
            return wish
        rows = [(code,) for code in place.codes] + [finding.hit_cells(self._profile, found.hit) for found in place.found]
        self.shown = True
        if not rows:
            print(t("desk.find.nothing"))
            return None
        print(t("desk.find.count", count=len(rows)))
        for number, cells in enumerate(rows, start=1):
            print(f"{number} " + " / ".join(cell for cell in cells if cell))
        if place.marks:
            print(t("desk.plain.more"))
        numbers = [str(number) for number in range(1, len(rows) + 1)]
        chosen = await self._chooser.one_of("hit", [*zip(numbers, numbers, strict=True), ("back", t("common.back"))], "back")
        if isinstance(chosen, Nav) or chosen == "back":
            return None
        row = int(chosen) - 1
        return ChosenAction(FindAction.CODE, place.codes[row]) if place.codes else ChosenAction(FindAction.OPEN, str(row))

    async def _looked(self, request: VendorSearch, place: SearchState) -> ChosenAction[FindAction] | None:
        if not place.text.strip():
            return None
        try:
            async for kind, hits in finding.first_pages(request.look, place.text, place.by, place.reason):
                finding.add_hits(place, kind, hits)
        except SessionGone:
            return ChosenAction(FindAction.SIGNED_OUT)
        except EbidError as error:
            print_error(error)
        return None

    async def vendor(self, page: VendorPage) -> ChosenAction[VendorAction]:
        """Every part once; again only where it was looked at anew."""
        self.shown = True
        if self._page is None or page.parts != self._page.parts:
            print()
            print(page.title)
            print(page.lead)
            for part in page.parts:
                print_sections(localised(part.sections))
        self._page = page
        print(t("desk.plain.action"))
        options = [(action, action.label) for action in (VendorAction.BACK, *page.actions)]
        self.completed = self._chooser.flow_ended = True
        answer = await self._numbered("vendor", options, self._out)
        action = VendorAction.BACK if isinstance(answer, Nav) else VendorAction(answer)
        if action is VendorAction.BACK:
            self._page = None
        return ChosenAction(action)

    async def listing(self, listing: Listing) -> ChosenAction[ListAction]:
        rows = list(listing.rows)
        print()
        print(listing.title)
        try:
            if listing.more is not None:
                async for further in listing.more():
                    rows += further
        except SessionGone:
            return ChosenAction(ListAction.SIGNED_OUT)
        except EbidError as error:
            print_error(error)
        self.shown = True
        self._print_rows(listing, rows)
        options = [(action, action.label) for action in (ListAction.BACK, *listing.actions)]
        print(" / ".join(f"{name} {label}" for name, label in options))
        numbers = [(f"row{number}", str(number)) for number in range(1, len(rows) + 1)]
        self.completed = self._chooser.flow_ended = True
        answer = await self._chooser.one_of("row", [*numbers, *options], self._out)
        if isinstance(answer, Nav):
            return ChosenAction(ListAction.BACK)
        if answer.startswith("row"):
            return ChosenAction(ListAction.OPEN, rows[int(answer.removeprefix("row")) - 1].id)
        return ChosenAction(ListAction(answer))

    def _print_rows(self, listing: Listing, rows: Sequence[ListRow]) -> None:
        print(listing.lead if rows else listing.empty)
        for number, row in enumerate(rows, start=1):
            said = (f"{column.title} {cell}" for column, cell in zip(listing.columns, row.cells, strict=True) if cell)
            print(f"{number} {row.sign}" + " / ".join(said))

    async def initial_password(self, shown: InitialPassword) -> None:
        """Once, and on a line of its own."""
        print()
        print(shown.title)
        for label, value in shown.rows:
            print(f"{label}: {value}")
        print(shown.lead)
        print(f"{shown.label}: {shown.password}", flush=True)
        self.shown = True

    @property
    def _out(self) -> str | None:
        """A person's empty answer leads back; a script has to say so, and may end here."""
        return None if self.answers.names_prompts else "back"

    async def _numbered(self, prompt: str, options: Sequence[tuple[str, str]], preset: str | None) -> str | Nav:
        for number, (_, label) in enumerate(options, start=1):
            print(f"{number} {label}")
        return await self._chooser.one_of(prompt, options, preset)
