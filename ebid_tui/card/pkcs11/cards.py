"""A card through PKCS#11: the token in a reader, which of its certificates, a session with it; or a look without any PIN."""

from __future__ import annotations

import logging

from ebid_tui.card.choice import Choice, fingerprint
from ebid_tui.card.inspection import judged, not_taken
from ebid_tui.card.interface import CardLook
from ebid_tui.card.pkcs11 import return_codes as codes
from ebid_tui.card.pkcs11.keys import keys_of
from ebid_tui.card.pkcs11.module_process import ModuleRefused
from ebid_tui.card.pkcs11.modules import Tokens
from ebid_tui.card.pkcs11.token import OpenedToken, TokenCard
from ebid_tui.card.refused_cards import refusal
from ebid_tui.card.session import BoundSession, CardThread, Insertion
from ebid_tui.card.transport import Backend, ReaderSlot
from ebid_tui.errors import CardError, CardRefused, ModuleFailed, NoCard

logger = logging.getLogger(__name__)


def connect(thread: CardThread, tokens: Tokens, backend: Backend, slot: ReaderSlot, choice: Choice) -> BoundSession:
    """A session with the token in this slot (card thread), which PIV does not know. No PIN.

    Raises CardRefused (R-23, R-34), SeveralCertificates, ModuleFailed, NoCard where no module has a token there.
    """
    chosen = choice.of(_candidates(tokens, slot))
    stay = Insertion(backend, slot)
    stay.check()
    card = TokenCard(thread, stay, chosen, in_reader=backend is not tokens, use_pin_pad=tokens.use_pin_pad)
    return BoundSession(thread, stay, card)


def look_at(tokens: Tokens, slot: ReaderSlot, choice: Choice) -> CardLook | None:
    """The token in this slot as it is seen without any PIN; None where no module has one there."""
    try:
        candidates = _candidates(tokens, slot)
    except NoCard:
        return None
    except CardRefused as error:
        return not_taken(slot, "pkcs11", error)
    except CardError as error:
        logger.warning("%s", error)
        return not_taken(slot, "unknown", error)
    return judged(slot, "pkcs11", candidates, choice, lambda chosen: codes.tries_left(chosen.opened["token"]["flags"]))


def _candidates(tokens: Tokens, slot: ReaderSlot) -> list[OpenedToken]:
    """The certificates of the first module that has some for this slot. Raises NoCard where no module has a token there.

    Raises CardRefused (R-34) where there is a token, and none of its certificates can sign.
    """
    tokens.refuse_first()
    tokens.trouble = None
    found: dict[str, OpenedToken] = {}
    seen, unreadable = False, None
    for token, find in tokens.slots_in(slot.name):
        if found and next(iter(found.values())).process is not token.process:
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
            found.setdefault(fingerprint(key.der), OpenedToken(key, token.process, token.id, opened, find))
    if found:
        return list(found.values())
    if trouble := tokens.trouble:
        raise trouble
    if unreadable is not None:
        raise unreadable
    raise refusal("R-34", "no_certificate") if seen else NoCard(slot.name)
