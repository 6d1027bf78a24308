"""The two calls of a module that carry a PIN, made from the one buffer it lies in: PyKCS11 leaves copies of it behind."""

from __future__ import annotations

import ctypes
import os
from typing import Final

_SET_PIN, _LOGIN = 11, 18
_FUNCTIONS: Final = 68
"""Entries of CK_FUNCTION_LIST after its version (PKCS #11 2.40, 3.6); those of C_SetPIN and C_Login."""

_NOT_SUPPORTED: Final = 0x54


class PinCalls:
    """The module's C_Login and C_SetPIN. Raises OSError where it cannot be loaded, AttributeError where it is none."""

    def __init__(self, path: str) -> None:
        found = ctypes.c_void_p()
        rv = ctypes.CDLL(path, mode=os.RTLD_LAZY).C_GetFunctionList(ctypes.byref(found))
        if rv or not found.value:
            raise AttributeError(f"C_GetFunctionList {rv:08X}")
        entries = (ctypes.c_void_p * _FUNCTIONS).from_address(found.value + ctypes.sizeof(ctypes.c_void_p))
        word, place = ctypes.c_ulong, ctypes.c_void_p
        self._login = ctypes.CFUNCTYPE(word, word, word, place, word)(entries[_LOGIN] or 0)
        self._set_pin = ctypes.CFUNCTYPE(word, word, place, word, place, word)(entries[_SET_PIN] or 0)

    def login(self, session: int, user: int, pin: bytearray) -> int:
        """CKR code. An empty PIN is none: the reader's own keys are used."""
        if not self._login:
            return _NOT_SUPPORTED
        if not pin:
            return int(self._login(session, user, None, 0))
        place = (ctypes.c_char * len(pin)).from_buffer(pin)
        return int(self._login(session, user, ctypes.addressof(place), len(pin)))

    def set_pin(self, session: int, pins: bytearray, old: int) -> int:
        """CKR code; the first `old` bytes are the old PIN, the rest is the new one."""
        if not self._set_pin:
            return _NOT_SUPPORTED
        place = (ctypes.c_char * len(pins)).from_buffer(pins)
        start = ctypes.addressof(place)
        return int(self._set_pin(session, start, old, start + old, len(pins) - old))
