"""Kinds of card recognised in order to refuse them, by SELECT and by issuer, without any PIN command (R-23, R-34)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from cryptography import x509

from ebid_tui.card.apdu import Apdu, Processor
from ebid_tui.domain.certificate import Certificate
from ebid_tui.errors import CardGarbled, CardRefused
from ebid_tui.messages import t

FILE = "refused_cards.toml"


@dataclass(frozen=True, slots=True)
class RefusedApplication:
    """An application whose presence refuses the card; `first`: asked for before anything else."""

    aid: bytes
    rule: str
    reason: str
    first: bool


@dataclass(frozen=True, slots=True)
class RefusedIssuer:
    """An issuer whose cards are refused: all of `attributes` (OID, folded value) stand in its name."""

    attributes: frozenset[tuple[str, str]]
    rule: str
    reason: str


@cache
def applications() -> tuple[RefusedApplication, ...]:
    """The table's applications, in its order."""
    return tuple(
        RefusedApplication(bytes.fromhex(row["aid"]), row["rule"], row["reason"], row.get("first", False))
        for row in _table()["application"]
    )


@cache
def issuers() -> tuple[RefusedIssuer, ...]:
    """The table's issuers, in its order."""
    return tuple(
        RefusedIssuer(_attributes(x509.Name.from_rfc4514_string(row["match"])), row["rule"], row["reason"]) for row in _table()["issuer"]
    )


def refuse_first(card: Processor) -> None:
    """Before anything else: is this a card that must not be asked anything? Raises CardRefused (R-23). SELECT only."""
    _refuse(card, first=True)


def refuse_unknown(card: Processor) -> None:
    """No accepted application was found. Always raises CardRefused: R-23 where another refused kind answers, else R-34."""
    _refuse(card, first=False)
    raise refusal("R-34", "unknown")


def refuse_issuer(certificate: Certificate) -> None:
    """Raises CardRefused (R-23) where the certificate's issuer is one whose cards are refused."""
    found = frozenset((oid, _folded(text)) for oid, text in certificate.issuer_attributes)
    for row in issuers():
        if row.attributes <= found:
            raise refusal(row.rule, row.reason)


def refuse_my_number(certificate: Certificate) -> None:
    """Raises CardRefused (R-23) for a My Number certificate, whatever it is for."""
    try:
        refuse_issuer(certificate)
    except CardRefused as error:
        if error.detail == "mynumber":
            raise


def refusal(rule: str, reason: str) -> CardRefused:
    """The error for a card that is not for this: `what` it is, and in `causes` why not."""
    return CardRefused(reason, code=rule, what=t(f"card.what_{reason}"), causes=(t(f"card.refused_{reason}"),))


def _refuse(card: Processor, *, first: bool) -> None:
    for row in applications():
        if row.first is first and select(card, row.aid, p2=0x0C):
            raise refusal(row.rule, row.reason)


def select(card: Processor, aid: bytes, *, p2: int = 0x00) -> bool:
    """SELECT by name; whether the application is there. Raises CardGarbled for a status word no standard knows."""
    _, sw = card.send(Apdu(0x00, 0xA4, 0x04, p2, aid, le=None if p2 == 0x0C else 256))
    if sw == 0x9000 or sw >> 8 in (0x61, 0x62, 0x63):
        return True
    if 0x6400 <= sw <= 0x6FFF:
        return False
    raise CardGarbled(f"SELECT answered {sw:04X}")


def _attributes(name: x509.Name) -> frozenset[tuple[str, str]]:
    return frozenset((attribute.oid.dotted_string, _folded(str(attribute.value))) for attribute in name)


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


@cache
def _table() -> dict[str, list[dict[str, Any]]]:
    return tomllib.loads(resources.files("ebid_tui.systems").joinpath(FILE).read_text(encoding="utf-8"))
