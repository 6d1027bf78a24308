"""Every kind of accident, what the person does about it, and what may be told of it."""

from __future__ import annotations

from dataclasses import dataclass

from tests.accidents import reader
from tests.accidents.reader import Happening

REMOVED = frozenset({"E-CARD-REMOVED", "E-CARD-REMOVED-PIN", "E-NO-CARD", "E-PIN-CHANGE-UNSURE"})
OTHER = REMOVED | {"E-CARD-CHANGED"}
SILENT = frozenset({"E-CARD-MUTE", "E-PIN-CHANGE-UNSURE"})
NONSENSE = frozenset({"E-CARD-GARBLED", "E-CERT", "R-34", "E-CARD-MUTE", "E-PIN-CHANGE-UNSURE"})
"""What cannot be read as an answer, as a certificate, or as one of a card that is known here."""

LIES = NONSENSE | {"R-23", "E-CARD-RESET"}
"""A bare "done": to SELECT, that it is a My Number card; to VERIFY, that the PIN was right, which the next signature disproves."""


@dataclass(frozen=True)
class Kind:
    """`other`: the demo card that comes in at once (happening `swapped`) or at the first request (`first`).

    `reinserts`: the person takes the card out and puts it in again when asked for it; else it stays in, and a stalled one answers
    at last.
    """

    name: str
    happening: Happening
    codes: frozenset[str]
    other: str = ""
    first: str = ""
    reinserts: bool = False


def _long_form(answer: bytes) -> bytes:
    """The first object's length says more than there is."""
    return answer[:1] + b"\x82\xff\xff" + answer[2:]


KINDS = (
    Kind("pulled", reader.pulled, REMOVED),
    Kind("pulled-after-the-work", reader.pulled_after_the_work, REMOVED),
    Kind("pulled-and-put-back", reader.pulled_and_put_back, REMOVED),
    Kind("swapped-for-a-stranger's", reader.swapped, OTHER, other="stranger"),
    Kind("swapped-for-my-number", reader.swapped, OTHER | {"R-23"}, other="mynumber"),
    Kind("pulled-then-a-stranger's", reader.pulled, OTHER | {"R-08", "R-34"}, first="stranger"),
    Kind("pulled-then-another-authority's", reader.pulled, OTHER | {"R-34"}, first="other-ca"),
    Kind("reset", reader.reset, frozenset({"E-CARD-RESET"})),
    Kind("mute", reader.mute, SILENT),
    Kind("mute-after-the-work", reader.mute_after_the_work, SILENT),
    Kind("dead", reader.dead, SILENT, reinserts=True),
    Kind("stalled-then-pulled", reader.stalled, SILENT, reinserts=True),
    Kind("stalled-then-late", reader.stalled, SILENT),
    Kind("no-byte", reader.answers(b""), NONSENSE),
    Kind("one-byte", reader.answers(b"\x90"), NONSENSE),
    Kind("unknown-status", reader.answers(b"\x12\x34"), NONSENSE),
    Kind("bare-ok", reader.answers(b"\x90\x00"), LIES),
    Kind("wrong-length-inside", reader.answers(b"\x7c\x02\x82\x20\x90\x00"), LIES),
    Kind("more-for-ever", reader.answers(b"\x61\x00"), NONSENSE | {"R-23"}),
    Kind("truncated", reader.mangled(lambda answer: answer[: len(answer) // 2]), NONSENSE),
    Kind("truncated-but-ok", reader.mangled(lambda answer: answer[: (len(answer) - 2) // 2] + b"\x90\x00"), LIES),
    Kind("oversized", reader.mangled(lambda answer: answer[:-2] + bytes(70_000) + answer[-2:]), LIES),
    Kind("wrong-tlv-length", reader.mangled(_long_form), LIES),
)
