"""A card through PKCS#11: the token in a reader, which of its certificates, a session with it; or a look without any PIN."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ebid_tui.card.choice import Choice, fingerprint, read
from ebid_tui.card.interface import CardLook, Kind
from ebid_tui.card.piv.session import Thread
from ebid_tui.card.pkcs11 import return_codes as codes
from ebid_tui.card.pkcs11.keys import TokenKey, keys_of
from ebid_tui.card.pkcs11.module_process import ModuleRefused
from ebid_tui.card.pkcs11.modules import Tokens, TokenSlot, slots_of
from ebid_tui.card.pkcs11.session import Pkcs11Session
from ebid_tui.card.refused import refusal
from ebid_tui.card.transport import Backend, Slot
from ebid_tui.errors import CardError, CardRefused, CardRemoved, ModuleFailed, NoCard, SeveralCertificates

logger = logging.getLogger(__name__)

_KINDS: dict[str, Kind] = {"mynumber": "mynumber", "corporate": "corporate"}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A certificate of a token, with all that a session with it needs."""

    key: TokenKey
    token: TokenSlot
    opened: dict[str, Any] = field(repr=False)
    find: Callable[[], int] = field(repr=False)

    @property
    def der(self) -> bytes:
        return self.key.der


def connect(thread: Thread, tokens: Tokens, backends: Sequence[Backend], backend: Backend, slot: Slot, choice: Choice) -> Pkcs11Session:
    """A session with the token in this slot (card thread), which PIV does not know. No PIN.

    Raises CardRefused (R-23, R-34), SeveralCertificates, ModuleFailed, NoCard where no module has a token there.
    """
    candidates = _candidates(thread, tokens, backends, slot)
    chosen = choice.of(candidates)
    now = next((other for other in backend.look() if other.name == slot.name), None)
    if now is None or now.count != slot.count or not now.present:
        raise CardRemoved
    return Pkcs11Session(
        thread,
        backend,
        slot,
        chosen.token.process,
        chosen.token.id,
        chosen.key,
        chosen.opened,
        chosen.find,
        in_reader=backend is not tokens,
        use_pin_pad=tokens.use_pin_pad,
    )


def look_at(thread: Thread, tokens: Tokens, backends: Sequence[Backend], slot: Slot, choice: Choice) -> CardLook | None:
    """The token in this slot as it is seen without any PIN; None where no module has one there. Raises ModuleFailed."""
    try:
        candidates = _candidates(thread, tokens, backends, slot)
    except NoCard:
        return None
    except CardRefused as error:
        return CardLook(slot.name, _KINDS.get(error.detail, "pkcs11"), False, error.code, None, ())
    ders = tuple(candidate.der for candidate in candidates)
    try:
        chosen = choice.of(candidates).der
    except SeveralCertificates as several:
        chosen = several.certificates[0]
    except CardError as error:
        return CardLook(slot.name, _KINDS.get(error.detail, "pkcs11"), False, error.code, None, ders)
    ders = (chosen, *(der for der in ders if der != chosen))
    if not choice.accepts(read(chosen)):
        return CardLook(slot.name, "pkcs11", False, "R-34", None, ders)
    flags = next(one.opened["token"]["flags"] for one in candidates if one.der == chosen)
    tries = 0 if flags & codes.LOCKED else 1 if flags & codes.FINAL_TRY else None
    return CardLook(slot.name, "pkcs11", True, "", tries, ders)


def _candidates(thread: Thread, tokens: Tokens, backends: Sequence[Backend], slot: Slot) -> list[Candidate]:
    """The certificates of the first module that has some for this slot. Raises NoCard where no module has a token there.

    Raises CardRefused (R-34) where there is a token, and none of its certificates can sign.
    """
    tokens.refuse_first(thread, backends)
    tokens.trouble = None
    readers = [other.name for source in backends if source is not tokens for other in slots_of(source)]
    found: dict[str, Candidate] = {}
    seen, unreadable = False, None
    for token, find in tokens.slots_in(thread, slot, readers):
        if found and next(iter(found.values())).token.process is not token.process:
            break
        seen = True
        try:
            opened = token.process.call("open", slot=token.id)
            keys = keys_of(opened)
        except ModuleRefused as refused:
            logger.info("%s: %s", token.process.name, refused)
            continue
        except ModuleFailed as error:
            if tokens.told(token.process):
                tokens.trouble = tokens.trouble or error
            continue
        except CardError as error:
            unreadable = unreadable or error
            continue
        for key in keys:
            found.setdefault(fingerprint(key.der), Candidate(key, token, opened, find))
    if found:
        return list(found.values())
    if trouble := tokens.trouble:
        raise trouble
    if unreadable is not None:
        raise unreadable
    raise refusal("R-34", "no_certificate") if seen else NoCard(slot.name)
