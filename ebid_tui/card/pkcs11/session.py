"""One token behind a PKCS#11 module, bound to its certificate's fingerprint: the session that dies with the card.

The coroutines may be awaited from any event loop; everything below them runs on the card thread. The module itself is in a process
of its own (`module_process.py`): if that dies, the card is opened afresh, compared, and the PIN is asked for again.
"""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from ebid_tui.card import gate
from ebid_tui.card.choice import fingerprint
from ebid_tui.card.interface import Algorithm, PinRules, TriesHint
from ebid_tui.card.pin import Pin
from ebid_tui.card.piv.session import CHANGE_UNSURE, REMOVED_AT_PIN, Thread
from ebid_tui.card.pkcs11 import return_codes as codes
from ebid_tui.card.pkcs11.keys import TokenKey, chain_of, keys_of
from ebid_tui.card.pkcs11.module_process import ModuleProcess, ModuleRefused
from ebid_tui.card.transport import Backend, Slot
from ebid_tui.errors import (
    CardBlocked,
    CardChanged,
    CardError,
    CardGarbled,
    CardRefused,
    CardRemoved,
    CardReset,
    ModuleFailed,
    PinUnusable,
    WrongPin,
)

logger = logging.getLogger(__name__)

CLOSE_SECONDS: Final = 2.0
PIN_PAD_SECONDS: Final = 120.0


class Pkcs11Session:
    """`interface.CardSession` for tokens.

    `in_reader`: the slot is a PC/SC reader's. `opened` is what the module said when the token was opened; `find` finds the same
    token again in a new process of the module (its slot's number, or CardRemoved).
    """

    kind = "pkcs11"

    def __init__(
        self,
        thread: Thread,
        backend: Backend,
        slot: Slot,
        process: ModuleProcess,
        token_slot: int,
        key: TokenKey,
        opened: dict[str, Any],
        find: Callable[[], int],
        *,
        in_reader: bool,
        use_pin_pad: bool = True,
    ) -> None:
        self.reader = slot.name
        self.certificate: bytes = key.der
        self.chain: tuple[bytes, ...] = chain_of(key, opened)
        self.fingerprint: str = fingerprint(key.der)
        self.algorithm: Algorithm = key.algorithm
        self.pin_before_each_signature = False
        """Known after the first PIN: a token hides its private keys until then."""
        self.alive = True
        token = opened["token"]
        self.pin_rules: PinRules = codes.pin_rules(token)
        self.pin_pad: bool = use_pin_pad and bool(token["flags"] & codes.PROTECTED_PATH)
        self.pin_changeable: bool = bool(token["flags"] & codes.USER_PIN_INITIALIZED) and not token["flags"] & codes.WRITE_PROTECTED
        self._thread = thread
        self._backend = backend
        self._slot = slot
        self._in_reader = in_reader
        self._process = process
        self._token_slot = token_slot
        self._generation = process.generation
        self._key = key
        self._mechanism = key.mechanism(opened["mechanisms"])
        self._find = find
        self._verified = False
        process.users += 1

    async def tries_left(self) -> int | None:
        return await self._thread.call(self._tries_left)

    async def tries_full(self) -> bool:
        return False

    async def tries_hint(self) -> TriesHint:
        return await self._thread.call(self._hint)

    async def verify(self, pin: Pin) -> None:
        try:
            self._check(pin)
        except CardError:
            pin.wipe()
            raise
        await self._thread.call(lambda: self._verify(pin), dropped=pin.wipe)

    async def verify_on_pin_pad(self) -> None:
        await self._thread.call(lambda: self._verify(None), patience=PIN_PAD_SECONDS + CLOSE_SECONDS)

    async def change_pin(self, old: Pin, new: Pin) -> None:
        """Wipes both, whatever happens. Raises PinUnusable (not sent), WrongPin, CardBlocked."""

        def wipe() -> None:
            old.wipe()
            new.wipe()

        try:
            self._check(old)
            self._check(new)
        except CardError:
            wipe()
            raise
        await self._thread.call(lambda: self._change_pin(old, new), dropped=wipe)

    async def sign(self, message: bytes) -> bytes:
        return await self._thread.call(lambda: self._sign(message))

    async def close(self) -> None:
        await self._thread.let_go(self.end)

    def _check(self, pin: Pin) -> None:
        """Raises PinUnusable for what this token cannot have as PIN; nothing is sent, no try is spent."""
        rules = self.pin_rules
        if not rules.min_length <= len(pin) <= rules.max_length or not pin.is_printable():
            raise PinUnusable("length or characters", min=rules.min_length, max=rules.max_length)

    # from here on: card thread

    def belongs_to(self, backend: Backend) -> bool:
        return self._backend is backend

    def seen(self, slot: Slot | None) -> None:
        """The reader was looked at: another count, or no such reader, ends the session."""
        if self.alive and (slot is None or slot.count != self._slot.count or not slot.present):
            self._die()

    def settle(self) -> None:
        """Nothing is kept: a module holds no transaction between two calls."""

    def end(self) -> None:
        """Log out and let go; the module's process goes too once it has had a PIN and nobody else uses it."""
        if not self.alive:
            return
        if self._process.running and self._process.generation == self._generation:
            try:
                self._process.call("close", seconds=CLOSE_SECONDS, slot=self._token_slot)
            except (ModuleRefused, CardError) as error:
                logger.info("token not logged out: %s", error)
        self._die(politely=True)

    def _hint(self) -> TriesHint:
        with self._calls():
            flags = self._info()["flags"]
        if flags & codes.LOCKED:
            return "locked"
        if flags & codes.FINAL_TRY:
            return "final"
        # Not set may as well mean that the token never sets it.
        return "low" if flags & codes.COUNT_LOW else "unknown"

    def _tries_left(self) -> int | None:
        return {"locked": 0, "final": 1}.get(self._hint())

    def _info(self) -> dict[str, Any]:
        self._still_there()
        if self._lost():
            self._open_again()
        info: dict[str, Any] = self._process.call("info", slot=self._token_slot)
        return info

    def _verify(self, pin: Pin | None) -> None:
        try:
            with self._calls():
                self._before_the_pin()
                if not (self._verified and self.pin_before_each_signature) or self._lost():
                    # Afresh: whoever was logged in is not any more, and the certificate is compared.
                    self._open_again()
                self._thread.still_wanted()
                self._verified = False
                self._log_in(pin)
        finally:
            if pin is not None:
                pin.wipe()

    def _log_in(self, pin: Pin | None) -> None:
        secret = None
        if pin is not None:
            pin.write_into(secret := bytearray(len(pin)))
        seconds = None if pin is not None else PIN_PAD_SECONDS
        request: dict[str, Any] = {
            "slot": self._token_slot,
            "id": self._key.id,
            "fingerprint": self.fingerprint,
            "mechanism": self._mechanism,
        }
        try:
            answer = self._process.call("login", secret=secret, seconds=seconds, **request)
        except ModuleRefused as refused:
            raise self._after_a_pin(codes.error_of(refused, self._process, self.pin_rules)) from None
        if answer.get("changed"):
            raise CardChanged
        if answer.get("no_key"):
            from ebid_tui.card.refused import refusal

            raise refusal("R-34", "no_certificate")
        self.pin_before_each_signature = bool(answer["always"])
        self._verified = True

    def _change_pin(self, old: Pin, new: Pin) -> None:
        try:
            with self._calls():
                self._before_the_pin()
                self._open_again()
                self._thread.still_wanted()
                self._verified = False
                secret = bytearray(len(old) + len(new))
                old.write_into(secret)
                new.write_into(secret, len(old))
                self._thread.silence_means(self._unsure)
                try:
                    self._process.call("set_pin", secret=secret, slot=self._token_slot, old=len(old))
                except ModuleRefused as refused:
                    error = codes.error_of(refused, self._process, self.pin_rules)
                    if refused.rv == codes.FUNCTION_NOT_SUPPORTED:
                        raise CardError(str(refused), code="E-PIN-FIXED") from None
                    if refused.call == "C_SetPIN" and isinstance(error, CardRemoved | CardGarbled | ModuleFailed):
                        raise type(error)(error.detail, code=CHANGE_UNSURE) from None
                    raise self._after_a_pin(error) from None
                except ModuleFailed as failed:
                    if failed.code != "E-MODULE-PIN":
                        raise
                    raise self._unsure(failed.detail) from None
        finally:
            old.wipe()
            new.wipe()

    def _after_a_pin(self, error: CardError) -> CardError:
        """What a refused PIN means, by the flags as they are now. One that was under way when the card was pulled is no wrong PIN."""
        if isinstance(error, CardRemoved):
            # The card may or may not have counted this one: only its counter knows.
            return CardRemoved(code=REMOVED_AT_PIN)
        if not isinstance(error, WrongPin):
            return error
        try:
            flags = self._process.call("info", slot=self._token_slot)["flags"]
        except (ModuleRefused, CardError) as silent:
            logger.info("flags not known after a wrong PIN: %s", silent)
            return error
        if flags & codes.LOCKED:
            return CardBlocked()
        return WrongPin(1) if flags & codes.FINAL_TRY else error

    def _sign(self, message: bytes) -> bytes:
        with self._calls():
            self._still_there()
            self._thread.still_wanted()
            if self._lost() or not self._verified:
                self._verified = False
                raise CardReset("PIN wanted")
            data = base64.b64encode(self._key.to_sign(self._mechanism, message)).decode()
            signature = self._process.call("sign", slot=self._token_slot, mechanism=self._mechanism, data=data)
            return self._key.checked(message, base64.b64decode(signature))

    def _lost(self) -> bool:
        """Whether the process in which the token was opened is gone."""
        return not self._process.running or self._process.generation != self._generation

    def _open_again(self) -> None:
        """A new session with the token, which must still hold the certificate. Raises CardChanged, CardRemoved."""
        self._verified = False
        if self._lost():
            self._token_slot = self._find()
            self._generation = self._process.generation
            self._process.users += 1
        opened = self._process.call("open", slot=self._token_slot)
        if not any(fingerprint(key.der) == self.fingerprint for key in keys_of(opened)):
            raise CardChanged

    @contextmanager
    def _calls(self) -> Iterator[None]:
        """Calls of the module for this token; what goes wrong is told as what it is, and remembered."""
        if not self.alive:
            raise self._gone()
        self._thread.settle()  # the module may want the card that another session still keeps for a moment
        self._thread.silence_means(self._hung)
        try:
            yield
        except ModuleRefused as refused:
            error = codes.error_of(refused, self._process, self.pin_rules)
            self._remember(error)
            raise error from None
        except CardError as error:
            self._remember(error)
            raise

    def _remember(self, error: CardError) -> None:
        if isinstance(error, CardReset | ModuleFailed):
            self._verified = False
        elif isinstance(error, CardRemoved | CardChanged | CardRefused):
            self._die()

    def _hung(self, detail: str = "") -> CardError:
        name, path = self._process.name, self._process.path
        return ModuleFailed(f"{name}: {detail}", code="E-MODULE-HUNG", module=name, path=path, reason=detail)

    def _unsure(self, detail: str = "") -> CardError:
        """The module hung or crashed with both PINs in hand: the one or the other is the token's PIN now."""
        return ModuleFailed(detail, code=CHANGE_UNSURE, module=self._process.name, path=self._process.path, reason=detail)

    def _still_there(self) -> None:
        """Raises CardRemoved where the card was taken out since the session began, even if it is back."""
        slot = self._look()
        if slot is None or not slot.present or slot.count != self._slot.count:
            raise CardRemoved

    def _before_the_pin(self) -> None:
        """The module may believe in a card that was swapped a moment ago: ask the one that is in, which also must not be a refused one.

        Raises CardRefused (R-23), CardRemoved, CardMute, CardBusy.
        """
        self._still_there()
        if self._in_reader:
            try:
                gate.ask(self._thread, self._backend, self._slot)
            except CardReset:
                gate.ask(self._thread, self._backend, self._slot)  # another program was faster; no PIN is involved yet
            self._still_there()
            self._thread.silence_means(self._hung)

    def _look(self) -> Slot | None:
        return next((slot for slot in self._backend.look() if slot.name == self.reader), None)

    def _gone(self) -> CardError:
        """What to say of a session that is over: a card is there now, which is not looked at here, or none."""
        return CardRemoved()

    def _die(self, *, politely: bool = False) -> None:
        if not self.alive:
            return
        self.alive = False
        self._thread.forget(self)
        if self._lost():
            return
        self._process.users -= 1
        if self._process.users <= 0 and (self._process.tainted or not politely):
            # What a module keeps of a PIN goes with its process; what it still believes of a pulled card goes too.
            self._process.end() if politely else self._process.kill()
