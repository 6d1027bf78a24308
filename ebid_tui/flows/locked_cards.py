"""R-07, R-44: what is said before a card locks, and when it has: whom to ask, and what is no reason for bidding on paper."""

from __future__ import annotations

from typing import NoReturn

from ebid_tui.domain.certificate import Certificate
from ebid_tui.domain.issuers import known_issuers
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.errors import CardBlocked, EbidError
from ebid_tui.flows import notices
from ebid_tui.flows.leaving import LeftFlow
from ebid_tui.flows.ui import Confirm, Trouble, Ui
from ebid_tui.messages import t


def last_try(problem: EbidError | None, profile: Profile | None = None, certificate: Certificate | None = None) -> Confirm:
    """R-07, R-44: asked before the last try, with what became of the one before it, and which authority knows about the card."""
    return Confirm(
        "last_try",
        t("flow.last_try.title"),
        t("flow.last_try.question"),
        yes=t("flow.last_try.yes"),
        no=t("flow.last_try.no"),
        details=(*(() if problem is None else (problem.title,)), *_issuer(certificate), *notices.on_lost_pin(profile)),
    )


async def blocked(ui: Ui, error: CardBlocked, certificate: Certificate | None, profile: Profile | None = None) -> NoReturn:
    """As `blocked_card`, where it has to be this card. Raises LeftFlow."""
    await ui.trouble(Trouble(blocked_card(error, certificate, profile), ("cancel",)))
    raise LeftFlow


def blocked_card(error: CardBlocked, certificate: Certificate | None, profile: Profile | None) -> CardBlocked:
    """R-07, R-44: what happened, and whom to ask: the authority that issued this card."""
    causes = (*_issuer(certificate), *notices.on_lost_pin(profile))
    return CardBlocked(error.detail, causes=causes)


def _issuer(certificate: Certificate | None) -> tuple[str, ...]:
    whom = contact(certificate) if certificate else ""
    return (t("flow.blocked.issuer", issuer=whom),) if whom else ()


def contact(certificate: Certificate) -> str:
    """Whom to ask about this card: the authority that issued it."""
    authority = known_issuers().find(certificate.issuer)
    return authority.contact if authority and authority.contact else certificate.issuer
