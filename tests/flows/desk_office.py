"""The desk by script: an operator who answers from a list, and a server that answers as a test arranged it."""

from __future__ import annotations

from collections import deque
from datetime import datetime
from typing import Any

import msgspec

from ebid_tui.domain.desk import DeskCard, DeskMail, DeskPassword, DeskRequest, DeskVendor, Hit, OperatorSignedIn
from ebid_tui.domain.profile.systems import profile_of
from ebid_tui.domain.records import CardCertificate, Challenge, Qualification, Vendor
from ebid_tui.flows.desk.session import DeskContext, DeskState, SignInWay
from ebid_tui.flows.desk.ui import ChosenAction, FindAction, InitialPassword, ListAction, Listing, VendorAction, VendorPage, VendorSearch
from tests.flows.office import NOW
from tests.flows.script import ScriptUi

SYSTEM = "saitama"
VENDOR = Vendor(system=SYSTEM, agency="saitama-city", category="construction", number="4100000001")
NAME = "株式会社山田建設"


class DeskScript(ScriptUi):
    """`flows.desk.ui.DeskUi`: the operator's pages are answered by `find`, `vendor`, a list's own id, and `initial_password`."""

    def __init__(self, *answers: tuple[str, Any]) -> None:
        super().__init__(*answers)
        self.marks: list[str] = []

    def at_work(self, mark: str) -> None:
        self.marks.append(mark)

    async def find(self, request: VendorSearch) -> ChosenAction[FindAction]:
        wish: ChosenAction[FindAction] = self._answer("find", request)
        return wish

    async def vendor(self, page: VendorPage) -> ChosenAction[VendorAction]:
        wish: ChosenAction[VendorAction] = self._answer("vendor", page)
        return wish

    async def listing(self, listing: Listing) -> ChosenAction[ListAction]:
        wish: ChosenAction[ListAction] = self._answer(listing.id, listing)
        return wish

    async def initial_password(self, shown: InitialPassword) -> None:
        self._answer("initial_password", shown)


class DeskOffice:
    """`client.interface.Desk`: each call answers from its list, in order; an error is raised. `calls` is what was asked, in order."""

    origin = "https://office.example"

    def __init__(self, **answers: list[Any]) -> None:
        self.answers = {call: deque(every) for call, every in answers.items()}
        self.calls: list[tuple[Any, ...]] = []

    def __getattr__(self, call: str) -> Any:
        async def answer(*given: Any, **named: Any) -> Any:
            self.calls.append((call, *given, *named.values()))
            if call in ("sign_out", "close", "clock") and call not in self.answers:
                return NOW
            found = self.answers[call].popleft()
            if isinstance(found, Exception):
                raise found
            return found

        return answer

    def asked(self, call: str) -> list[list[Any]]:
        """What one call was asked, each time."""
        return [given for name, *given in self.calls if name == call]


def operator(login_id: str = "desk", role: Any = "desk") -> OperatorSignedIn:
    return OperatorSignedIn(token="t", expires_at=NOW, login_id=login_id, role=role, agencies=("saitama-city",))


def at_desk(ui: DeskScript, office: DeskOffice, who: OperatorSignedIn | None = None, cards: Any = None) -> DeskContext:
    """Signed in with a password as `desk`, unless it is somebody else."""
    state = DeskState(who=who or operator(), method=SignInWay.PASSWORD)
    desk: Any = office
    return DeskContext(ui, desk, cards, profile_of(SYSTEM), state)


def certificate(serial: str = "43969", not_after: datetime = NOW) -> CardCertificate:
    return CardCertificate(fingerprint="a" * 64, serial=serial, issuer="O=TEST CA,C=JP", not_after=not_after)


def card(number: int = 1, **changes: Any) -> DeskCard:
    values: dict[str, Any] = {
        "registration_id": f"R-{number}",
        "card": certificate(),
        "company": NAME,
        "person": "川越　三郎",
        "state": "active",
    }
    return DeskCard(**({**values, "contact": {"person": "窓口　花子"}, "registered_at": NOW} | changes))


def mail(number: int = 1, **changes: Any) -> DeskMail:
    values: dict[str, Any] = {
        "id": number,
        "receipt_id": f"X-{number}",
        "recipient": "a@example.com",
        "subject": "登録",
        "state": "failed",
        "attempts": 3,
    }
    return DeskMail(**({**values, "reason": "", "created_at": NOW, "finished_at": None} | changes))


def request(**changes: Any) -> DeskRequest:
    values: dict[str, Any] = {
        "id": "Q-1",
        "vendor": VENDOR,
        "kind": "reset_password",
        "registration_id": None,
        "application": "R8-1",
        "state": "done",
    }
    who: dict[str, Any] = {"asked_by": "desk", "asked_at": NOW, "decided_by": None, "decided_at": None, "done_by": None, "done_at": None}
    return DeskRequest(**(values | who | changes))


def qualification(vendor: Vendor = VENDOR, **changes: Any) -> Qualification:
    values: dict[str, Any] = {"vendor": vendor, "state": "approved", "trade_name": NAME, "company": {"name": NAME}}
    return Qualification(**(values | changes))


def hit(number: str = VENDOR.number, **changes: Any) -> Hit:
    values: dict[str, Any] = {"vendor": msgspec.structs.replace(VENDOR, number=number), "trade_name": NAME, "state": "approved"}
    return Hit(**(values | changes))


def seen(**changes: Any) -> DeskVendor:
    """A vendor with nothing but its qualification and an active password."""
    password = DeskPassword(state="active", wrong=0, changed_on=None)
    values: dict[str, Any] = {"qualification": qualification(), "elsewhere": (), "password": password, "company_id": None}
    values |= {"representative_contact": {}, "cards": (), "mails": (), "history": (), "requests": ()}
    return DeskVendor(**(values | changes))


CHALLENGE = Challenge(nonce="nonce-1", expires_at=NOW)
