"""The calls of one PKCS#11 module (OASIS PKCS #11 2.40), inside its own process. The only place that imports PyKCS11.

Every request is a dict with `op`, every answer one with `result`, or `rv` (the module's CKR code, and the `call` that gave it), or
`fault` (what is wrong with the module's file, or the type of an unforeseen error). A PIN comes beside the request and is
overwritten here after its one use.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any, Final

import PyKCS11
from PyKCS11 import LowLevel

from ebid_tui.card.pkcs11 import module_pins

_ALWAYS_AUTHENTICATE: Final = 0x202
_CKU_USER, _CKU_CONTEXT_SPECIFIC = 1, 2
_OK, _ALREADY_LOGGED_IN, _NOT_LOGGED_IN = 0x00, 0x100, 0x101
_OPERATION_ACTIVE, _OPERATION_NOT_INITIALIZED = 0x90, 0x91
_TOKEN_NOT_PRESENT, _OBJECT_HANDLE_INVALID, _SESSION_HANDLE_INVALID = 0xE0, 0x82, 0xB3
_USER_FUNCTIONS = frozenset((1, 3))
_READ_WRITE = 0x02
_SIGN: Final = 0x800

MECHANISMS: Final = {"SHA256_RSA_PKCS": 0x40, "RSA_PKCS": 0x01, "ECDSA": 0x1041, "ECDSA_SHA256": 0x1044, "ECDSA_SHA384": 0x1045}


class CallRefused(Exception):
    """The module said no: which call, which CKR code."""

    def __init__(self, call: str, rv: int) -> None:
        super().__init__(call)
        self.call, self.rv = call, rv & 0xFFFFFFFFFFFFFFFF


class ModuleFault(Exception):
    """The module's file cannot be used."""


class ModuleSession:
    """One token: its session, the key that was found after the login, and a signature that waits for its data."""

    def __init__(self, handle: Any, slot: int) -> None:
        self.handle, self.slot = handle, slot
        self.key: Any = None
        self.always = False
        self.begun = ""
        """The mechanism of a C_SignInit that the PIN was already given for."""


class ModuleCalls:
    """One module, loaded by the first request."""

    def __init__(self) -> None:
        self._library: Any = None
        self._low: Any = None
        self._pins: Any = None
        self._sessions: dict[int, ModuleSession] = {}

    def answer(self, request: dict[str, Any], secret: bytearray) -> dict[str, Any]:
        """Whatever happens becomes an answer; the secret is overwritten."""
        number = request.get("number")
        try:
            return {"number": number, "result": getattr(self, "op_" + request["op"])(request, secret)}
        except CallRefused as refused:
            return {"number": number, "call": refused.call, "rv": refused.rv}
        except ModuleFault as fault:
            return {"number": number, "fault": str(fault)}
        except PyKCS11.PyKCS11Error as error:
            return {"number": number, "call": request["op"], "rv": error.value & 0xFFFFFFFFFFFFFFFF}
        except Exception as error:  # noqa: BLE001  told by its type: its text may hold anything
            return {"number": number, "fault": type(error).__name__}
        finally:
            secret[:] = bytes(len(secret))

    def op_load(self, request: dict[str, Any], _: bytearray) -> dict[str, Any]:
        path = request["path"]
        try:
            self._pins = module_pins.PinCalls(path)  # says why where it cannot be loaded
        except OSError as error:
            raise ModuleFault(f"load: {error}") from None
        except AttributeError:
            raise ModuleFault("no PKCS#11 module") from None
        self._library = PyKCS11.PyKCS11Lib()
        self._library.load(path)
        self._low = self._library.lib
        info = self._library.getInfo()
        return {"library": _text(info.libraryDescription), "manufacturer": _text(info.manufacturerID)}

    def op_slots(self, _: dict[str, Any], __: bytearray) -> list[dict[str, Any]]:
        slots = []
        for number in self._library.getSlotList(False):
            try:
                info = self._library.getSlotInfo(number)
            except PyKCS11.PyKCS11Error:
                continue  # gone since the list was made
            token = self._token(number) if info.flags & PyKCS11.CKF_TOKEN_PRESENT else None
            slots.append({"id": number, "description": _text(info.slotDescription), "token": token})
        return slots

    def op_open(self, request: dict[str, Any], __: bytearray) -> dict[str, Any]:
        """A session with the token in `slot`: what it says of itself, its certificates, which of them have keys that can be seen."""
        slot = request["slot"]
        self._close(slot)
        handle = LowLevel.CK_SESSION_HANDLE()
        _check("C_OpenSession", self._low.C_OpenSession(slot, PyKCS11.CKF_SERIAL_SESSION, handle))
        session = self._sessions[slot] = ModuleSession(PyKCS11.Session(self._library, handle), slot)
        private = self._ids(session, PyKCS11.CKO_PRIVATE_KEY)
        public = self._ids(session, PyKCS11.CKO_PUBLIC_KEY)
        certificates = [
            {"der": base64.b64encode(der).decode(), "id": key_id.hex(), "private": key_id in private, "public": key_id in public}
            for der, key_id in self._certificates(session)
        ]
        return {
            "token": self._token(slot),
            "certificates": certificates,
            "private_keys": len(private),
            "public_keys": len(public),
            "mechanisms": self._mechanisms(slot),
            "logged_in": self._logged_in(session),
        }

    def op_info(self, request: dict[str, Any], _: bytearray) -> dict[str, Any]:
        token = self._token(request["slot"])
        if token is None:
            raise CallRefused("C_GetTokenInfo", _TOKEN_NOT_PRESENT)
        return token

    def op_login(self, request: dict[str, Any], secret: bytearray) -> dict[str, Any]:
        """The PIN, once, to the very token whose certificate was shown; without a PIN: on the reader's own keys.

        A key that wants the PIN for each signature gets it for the one that comes next.
        """
        session = self._session(request["slot"])
        if not any(hashlib.sha256(der).hexdigest() == request["fingerprint"] for der, _ in self._certificates(session)):
            return {"changed": True}
        again = session.key is not None and session.always and self._logged_in(session)
        if not again:
            self._log_in(session, secret)
            self._find_key(session, request["id"])
        if session.key is None:
            self._low.C_Logout(session.handle.session)
            return {"no_key": True}
        session.begun = ""
        if session.always:
            self._begin(session, request["mechanism"])
            rv = self._pins.login(session.handle.session.value(), _CKU_CONTEXT_SPECIFIC, secret)
            if rv == _OPERATION_NOT_INITIALIZED:
                rv = _OK  # the token does without
            _check("C_Login", rv)
            session.begun = request["mechanism"]
        return {"always": session.always}

    def op_sign(self, request: dict[str, Any], __: bytearray) -> str:
        session = self._session(request["slot"])
        if session.key is None or (session.always and session.begun != request["mechanism"]):
            raise CallRefused("C_SignInit", _NOT_LOGGED_IN)
        if not session.begun:
            self._begin(session, request["mechanism"])
        session.begun = ""
        data, signature = LowLevel.ckbytelist(base64.b64decode(request["data"])), LowLevel.ckbytelist()
        for _ in range(2):  # the first call asks for the length, the second signs
            _check("C_Sign", self._low.C_Sign(session.handle.session, data, signature))
        return base64.b64encode(bytes(signature)).decode()

    def op_set_pin(self, request: dict[str, Any], secret: bytearray) -> None:
        """C_SetPIN of the user who is logged in, or of the user where nobody is; the first `old` bytes are the old PIN."""
        slot = request["slot"]
        handle = LowLevel.CK_SESSION_HANDLE()
        _check("C_OpenSession", self._low.C_OpenSession(slot, PyKCS11.CKF_SERIAL_SESSION | PyKCS11.CKF_RW_SESSION, handle))
        try:
            _check("C_SetPIN", self._pins.set_pin(handle.value(), secret, request["old"]))
        finally:
            self._low.C_CloseSession(handle)

    def op_close(self, request: dict[str, Any], _: bytearray) -> None:
        self._close(request["slot"])

    def op_end(self, _: dict[str, Any], __: bytearray) -> None:
        for slot in tuple(self._sessions):
            self._close(slot)
        if self._low is not None:
            self._low.C_Finalize()

    def _close(self, slot: int) -> None:
        session = self._sessions.pop(slot, None)
        if session is not None:
            self._low.C_Logout(session.handle.session)
            self._low.C_CloseSession(session.handle.session)

    def _session(self, slot: int) -> ModuleSession:
        if slot not in self._sessions:
            raise CallRefused("session", _SESSION_HANDLE_INVALID)
        return self._sessions[slot]

    def _token(self, slot: int) -> dict[str, Any] | None:
        try:
            info = self._library.getTokenInfo(slot)
        except PyKCS11.PyKCS11Error:
            return None
        return {
            "label": _text(info.label),
            "manufacturer": _text(info.manufacturerID),
            "model": _text(info.model),
            "serial": _text(info.serialNumber),
            "flags": info.flags,
            "min": info.ulMinPinLen,
            "max": info.ulMaxPinLen,
        }

    def _mechanisms(self, slot: int) -> list[str]:
        """Those of `MECHANISMS` that the token signs with."""
        found = LowLevel.ckulonglist()
        _check("C_GetMechanismList", self._low.C_GetMechanismList(slot, found))
        listed = set(found)
        return [name for name, number in MECHANISMS.items() if number in listed and self._signs(slot, number)]

    def _signs(self, slot: int, mechanism: int) -> bool:
        info = LowLevel.CK_MECHANISM_INFO()
        return self._low.C_GetMechanismInfo(slot, mechanism, info) != _OK or bool(info.flags & _SIGN)

    def _certificates(self, session: ModuleSession) -> list[tuple[bytes, bytes]]:
        """(DER, CKA_ID) of each X.509 certificate that has a value."""
        found = []
        for one in session.handle.findObjects([(PyKCS11.CKA_CLASS, PyKCS11.CKO_CERTIFICATE)]):
            der = self._attribute(session, one, PyKCS11.CKA_VALUE)
            kind = self._number(session, one, PyKCS11.CKA_CERTIFICATE_TYPE)
            if der and kind in (None, PyKCS11.CKC_X_509):
                found.append((der, self._attribute(session, one, PyKCS11.CKA_ID) or b""))
        return found

    def _ids(self, session: ModuleSession, kind: int) -> list[bytes]:
        found = session.handle.findObjects([(PyKCS11.CKA_CLASS, kind)])
        return [self._attribute(session, one, PyKCS11.CKA_ID) or b"" for one in found]

    def _find_key(self, session: ModuleSession, key_id: str) -> None:
        """The private key of this CKA_ID that may sign; where the certificate has no id: the only key there is."""
        wanted = bytes.fromhex(key_id)
        keys = session.handle.findObjects([(PyKCS11.CKA_CLASS, PyKCS11.CKO_PRIVATE_KEY)])
        if wanted:
            keys = [key for key in keys if self._attribute(session, key, PyKCS11.CKA_ID) == wanted]
        keys = [key for key in keys if self._attribute(session, key, PyKCS11.CKA_SIGN) != b"\x00"]
        session.key = keys[0] if keys and (wanted or len(keys) == 1) else None
        session.always = bool(session.key is not None and self._attribute(session, session.key, _ALWAYS_AUTHENTICATE) == b"\x01")

    def _attribute(self, session: ModuleSession, handle: Any, kind: int) -> bytes | None:
        """An attribute's bytes; None where the object has none, or does not show it."""
        template = LowLevel.ckattrlist(1)
        template[0].SetType(kind)
        for _ in range(2):
            rv = self._low.C_GetAttributeValue(session.handle.session, handle, template)
            if rv in _OBJECT_IS_GONE:
                raise CallRefused("C_GetAttributeValue", rv)
            if rv != _OK:
                return None
        return bytes(template[0].GetBin())

    def _number(self, session: ModuleSession, handle: Any, kind: int) -> int | None:
        value = self._attribute(session, handle, kind)
        return None if value is None else int.from_bytes(value, "little")

    def _logged_in(self, session: ModuleSession) -> bool:
        info = LowLevel.CK_SESSION_INFO()
        _check("C_GetSessionInfo", self._low.C_GetSessionInfo(session.handle.session, info))
        return info.state in _USER_FUNCTIONS

    def _log_in(self, session: ModuleSession, pin: bytearray) -> None:
        """C_Login; who is logged in already is logged out first, or this PIN would count as right unseen."""
        if self._logged_in(session):
            self._low.C_Logout(session.handle.session)
        session.key, session.begun = None, ""
        rv = self._pins.login(session.handle.session.value(), _CKU_USER, pin)
        if rv == _ALREADY_LOGGED_IN:
            raise CallRefused("C_Login", rv)
        _check("C_Login", rv)

    def _begin(self, session: ModuleSession, mechanism: str) -> None:
        native = PyKCS11.Mechanism(MECHANISMS[mechanism], None).to_native()
        rv = self._low.C_SignInit(session.handle.session, native, session.key)
        # One that was begun and whose PIN was wrong still waits, for this key and this mechanism: nothing else begins any.
        if rv != _OPERATION_ACTIVE:
            _check("C_SignInit", rv)


_OBJECT_IS_GONE: Final = frozenset((0x30, 0x32, _OBJECT_HANDLE_INVALID, _SESSION_HANDLE_INVALID, 0xB0, _TOKEN_NOT_PRESENT))


def _check(call: str, rv: int) -> None:
    if rv != _OK:
        raise CallRefused(call, rv)


def _text(padded: str) -> str:
    """A field of fixed length: blanks (or zeros) at its end are padding."""
    return str(padded).split("\0", 1)[0].rstrip(" ").encode("utf-8", "surrogateescape").decode("utf-8", "replace")
