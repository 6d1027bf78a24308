"""パスワード初期化 on application (R-33): a lock ends, and the password is an initial one again (R-03)."""

from __future__ import annotations

import secrets
import string
from datetime import datetime

from sqlalchemy import Connection

from ebid_tui.domain.fields import Field
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.domain.text.classes import characters
from ebid_tui.errors import EbidError
from ebid_tui.server.store import accounts
from ebid_tui.server.store.accepted_changes import add_audit

LOOK_ALIKES = frozenset("0O1lI")
"""Never in a password that somebody has to read and type (R-14)."""
SYMBOLS = "!#$%+-=?@"
LENGTH = 12


def new_initial_password(profile: Profile) -> str:
    """A random one that the search's password field takes. Raises EbidError E-NO-ACCOUNT where the system asks none."""
    field = next((f for f in profile.search.fields if f.id == "password"), None)
    if field is None:
        raise EbidError(code="E-NO-ACCOUNT")
    kinds = _kinds(field)
    length = field.exact or min(LENGTH, field.max)
    letters = [secrets.choice(kind) for kind in kinds] + [secrets.choice("".join(kinds)) for _ in range(length - len(kinds))]
    secrets.SystemRandom().shuffle(letters)
    return "".join(letters[:length])


def _kinds(field: Field) -> list[str]:
    """Letters, digits and symbols, as far as the field takes them."""
    taken = characters(field.chars) - LOOK_ALIKES
    kinds = ("".join(c for c in kind if c in taken) for kind in (string.ascii_letters, string.digits, SYMBOLS))
    return [kind for kind in kinds if kind]


def reset(connection: Connection, system: str, number: str, password_hash: str, application: str, now: datetime) -> None:
    """R-33: make it an initial password, end the lock, and write down on which application. Raises EbidError E-NO-ACCOUNT."""
    known = accounts.account(connection, system, number)
    if known.password_hash is None:
        raise EbidError(code="E-NO-ACCOUNT")
    accounts.reset_password(connection, known, password_hash)
    add_audit(connection, system, "password_reset", f"application:{application}", number, now)
