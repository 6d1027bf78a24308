"""What a session does with a token behind a PKCS#11 module (`session.OpenCard`).

The module itself is in a process of its own (`module_process.py`): if that dies, the token is opened afresh, compared, and the PIN is
asked for again.
"""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from ebid_tui.card.choice import fingerprint
from ebid_tui.card.interface import Algorithm, PinRules
from ebid_tui.card.pin import Pin
from ebid_tui.card.pkcs11 import return_codes as codes
from ebid_tui.card.pkcs11.keys import TokenKey, chain_of, keys_of
from ebid_tui.card.pkcs11.module_process import ModuleProcess, ModuleRefused
from ebid_tui.card.recognising import refuse_slot, unless_reset
from ebid_tui.card.session import CHANGE_UNSURE, REMOVED_AT_PIN, CardThread, Ending, Insertion
from ebid_tui.errors import (
    CardBlocked,
    CardChanged,
    CardError,
    CardGarbled,
    CardRefused,
    CardRemoved,
    CardReset,
    ModuleFailed,
    WrongPin,
)

logger = logging.getLogger(__name__)

CLOSE_SECONDS: Final = 2.0
PIN_PAD_SECONDS: Final = 120.0


@dataclass(frozen=True, slots=True)
class OpenedToken:
    """A certificate of a token, with all that a session with it needs.

    `opened` is what the module said when the token was opened; `find` finds the same token again in a new process of the module (its
    slot's number, or CardRemoved).
    """

    key: TokenKey
    process: ModuleProcess
    slot: int
    opened: dict[str, Any] = field(repr=False)
    find: Callable[[], int] = field(repr=False)

    @property
    def der(self) -> bytes:
        return self.key.der


class TokenCard:
    """`session.OpenCard` for tokens. `in_reader`: the slot is a PC/SC reader's."""

    kind = "pkcs11"
    pin_pad_seconds = PIN_PAD_SECONDS + CLOSE_SECONDS
    tells_full = False
    ends_with: tuple[type[CardError], ...] = (CardRemoved, CardChanged, CardRefused)

    def __init__(self, thread: CardThread, stay: Insertion, token: OpenedToken, *, in_reader: bool, use_pin_pad: bool = True) -> None:
        self.certificate = token.der
        self.chain = chain_of(token.key, token.opened)
        self.algorithm: Algorithm = token.key.algorithm
        self.pin_before_each_signature = False
        """Known after the first PIN: a token hides its private keys until then."""
        said = token.opened["token"]
        self.pin_rules: PinRules = codes.pin_rules(said)
        self.pin_pad: bool = use_pin_pad and bool(said["flags"] & codes.PROTECTED_PATH)
        self.pin_changeable: bool = bool(said["flags"] & codes.USER_PIN_INITIALIZED) and not said["flags"] & codes.WRITE_PROTECTED
        self.verified = False
        self._thread, self._stay, self._in_reader = thread, stay, in_reader
        self._process, self._slot, self._find = token.process, token.slot, token.find
        self._generation = token.process.generation
        self._hung = partial(token.process.failed, "E-MODULE-HUNG")
        self._key = token.key
        self._mechanism = token.key.mechanism(token.opened["mechanisms"])
        token.process.users += 1

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self._thread.settle()  # the module may want the card that another session still keeps for a moment
        self._thread.silence_means(self._hung)
        try:
            yield
        except ModuleRefused as refused:
            raise self._error_of(refused) from None

    def settle(self) -> None:
        """Nothing is kept: a module holds no transaction between two calls."""

    def tries(self) -> tuple[int | None, bool]:
        self._stay.check()
        if self._lost():
            self._open_again()
        flags = self._process.call("info", slot=self._slot)["flags"]
        # COUNT_LOW not set may as well mean that the token never sets it.
        return codes.tries_left(flags), bool(flags & codes.COUNT_LOW)

    def tries_full(self) -> bool:
        return False

    def before_pin(self) -> None:
        self._ask_the_card()
        if not (self.verified and self.pin_before_each_signature) or self._lost():
            # Afresh: whoever was logged in is not any more, and the certificate is compared.
            self._open_again()

    def before_change(self) -> None:
        self._ask_the_card()
        self._open_again()

    def send_pin(self, pin: Pin | None) -> None:
        secret = None
        if pin is not None:
            pin.write_into(secret := bytearray(len(pin)))
        request: dict[str, Any] = {
            "slot": self._slot,
            "id": self._key.id,
            "fingerprint": fingerprint(self.certificate),
            "mechanism": self._mechanism,
        }
        try:
            answer = self._process.call("login", secret=secret, seconds=PIN_PAD_SECONDS if pin is None else None, **request)
        except ModuleRefused as refused:
            raise self._after_a_pin(self._error_of(refused)) from None
        if answer.get("changed"):
            raise CardChanged
        if answer.get("no_key"):
            from ebid_tui.card.refused_cards import refusal

            raise refusal("R-34", "no_certificate")
        self.pin_before_each_signature = bool(answer["always"])
        self.verified = True

    def send_change(self, old: Pin, new: Pin) -> None:
        secret = bytearray(len(old) + len(new))
        old.write_into(secret)
        new.write_into(secret, len(old))
        unsure = partial(self._process.failed, CHANGE_UNSURE)  # the one or the other is the token's PIN now
        self._thread.silence_means(unsure)
        try:
            self._process.call("set_pin", secret=secret, slot=self._slot, old=len(old))
        except ModuleRefused as refused:
            error = self._error_of(refused)
            if refused.rv == codes.FUNCTION_NOT_SUPPORTED:
                raise CardError(str(refused), code="E-PIN-FIXED") from None
            if refused.call == "C_SetPIN" and isinstance(error, CardRemoved | CardGarbled | ModuleFailed):
                raise type(error)(error.detail, code=CHANGE_UNSURE) from None
            raise self._after_a_pin(error) from None
        except ModuleFailed as failed:
            if failed.code != "E-MODULE-PIN":
                raise
            raise unsure(str(failed.values["reason"])) from None

    def sign(self, message: bytes) -> bytes:
        self._stay.check()
        self._thread.still_wanted()
        if self._lost() or not self.verified:
            raise CardReset("PIN wanted")
        data = base64.b64encode(self._key.to_sign(self._mechanism, message)).decode()
        signature = self._process.call("sign", slot=self._slot, mechanism=self._mechanism, data=data)
        return self._key.checked(message, base64.b64decode(signature))

    def log_out(self, transaction: Callable[[], AbstractContextManager[None]]) -> bool:
        """No transaction: it needs no card that another session might keep."""
        if not self._lost():
            try:
                self._process.call("close", seconds=CLOSE_SECONDS, slot=self._slot)
            except ModuleRefused as refused:
                raise self._error_of(refused) from None
        return True

    def gone(self, error: CardError) -> CardError:
        """Whether a card is there now is not looked at: that would be for the module to say."""
        return error

    def let_go(self, ending: Ending) -> None:
        """The module's process goes too once it has had a PIN, or its card is gone, and nobody else uses it."""
        if self._lost():
            return
        self._process.users -= 1
        if self._process.users <= 0 and (self._process.tainted or ending == "gone"):
            # What a module keeps of a PIN goes with its process; what it still believes of a pulled card goes too.
            self._process.kill() if ending == "gone" else self._process.end()

    def _ask_the_card(self) -> None:
        """The module may believe in a card that was swapped a moment ago: ask the one that is in, which also must not be a refused one.

        Raises CardRefused (R-23), CardRemoved, CardMute, CardBusy.
        """
        self._stay.check()
        if self._in_reader:
            unless_reset(refuse_slot, self._thread, self._stay.backend, self._stay.slot)
            self._stay.check()
            self._thread.silence_means(self._hung)

    def _after_a_pin(self, error: CardError) -> CardError:
        """What a refused PIN means, by the flags as they are now. One that was under way when the card was pulled is no wrong PIN."""
        if isinstance(error, CardRemoved):
            return CardRemoved(code=REMOVED_AT_PIN)
        if not isinstance(error, WrongPin):
            return error
        try:
            flags = self._process.call("info", slot=self._slot)["flags"]
        except (ModuleRefused, CardError) as silent:
            logger.info("flags not known after a wrong PIN: %s", silent)
            return error
        left = codes.tries_left(flags)
        return error if left is None else WrongPin(left) if left else CardBlocked()

    def _lost(self) -> bool:
        """Whether the process in which the token was opened is gone."""
        return not self._process.running or self._process.generation != self._generation

    def _open_again(self) -> None:
        """A new session with the token, which must still hold the certificate. Raises CardChanged, CardRemoved."""
        self.verified = False
        if self._lost():
            self._slot = self._find()
            self._generation = self._process.generation
            self._process.users += 1
        opened = self._process.call("open", slot=self._slot)
        if not any(key.der == self.certificate for key in keys_of(opened)):
            raise CardChanged

    def _error_of(self, refused: ModuleRefused) -> CardError:
        return codes.error_of(refused, self._process, self.pin_rules)
