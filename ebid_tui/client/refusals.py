"""From a server's problem+json (RFC 9457) to the error that flows know, in the server's own words where it has some."""

from __future__ import annotations

from ebid_tui.client.answers import decoded
from ebid_tui.domain.records import Refusal
from ebid_tui.errors import AnswerUnusable, ChallengeGone, EbidError, InputError, RuleError, ServerAway, ServerError, SessionGone
from ebid_tui.messages import t

GATEWAY = frozenset({502, 503, 504})
"""What stands in front of the server says that nobody answered."""


class RefusedForNow(ServerError):
    """The server could not do it at the moment; nothing was written, and asking again is safe."""

    retriable = True


def error_of(status: int, body: bytes) -> EbidError:
    """The error behind an answer that is no success."""
    try:
        told = decoded(body, Refusal)
    except ValueError:
        return ServerAway(f"HTTP {status}") if status in GATEWAY else AnswerUnusable(f"HTTP {status}")
    match told.code:
        case "E-INPUT":
            return InputError([(row.field, row.code, row.message) for row in told.errors])
        case "E-NONCE":
            return ChallengeGone()
        case "E-SESSION":
            return SessionGone()
        case "E-UNAVAILABLE":
            # Its database was away, perhaps just when it wrote: the same request may have been accepted or not.
            return ServerAway(code=told.code)
        case "E-REVOCATION":
            error: EbidError = RefusedForNow(told.detail, code=told.code, causes=told.causes)
        case code if code.startswith("R-") or code == "E-PASSWORD-EXPIRED":
            error = RuleError(told.code, told.detail, causes=told.causes, tries_left=told.tries_left)
        case _:
            error = ServerError(told.detail, code=told.code, causes=told.causes)
    return error.telling(title=told.title, remedy=_remedy(told))


def _remedy(told: Refusal) -> str:
    """What to do; after each wrong password, how many more lock the number (R-33) is said before it."""
    if told.tries_left is None:
        return told.remedy
    left = t("mending.tries_left_last") if told.tries_left == 1 else t("mending.tries_left", n=told.tries_left)
    return t("mending.then", first=left, then=told.remedy)
