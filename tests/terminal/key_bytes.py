"""What terminals send for the keys that mean something here: xterm, the Linux console, PuTTY, tmux, screen, and the kitty protocol.

From xterm's ctlseqs, the kernel's default keymap, PuTTY's standard settings (`ESC[n~` function keys), and the terminfo entries of
tmux and screen. Alt sends an escape before the key everywhere, but in the kitty protocol and with xterm's modifyOtherKeys.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ebid_tui.forms.text_field import KEYS
from ebid_tui.widgets.keys import ACTIONS

ESC = "\x1b"
SS3 = {f"f{n + 1}": f"{ESC}O{letter}" for n, letter in enumerate("PQRS")}
TILDE = {f"f{n}": f"{ESC}[{code}~" for n, code in zip(range(5, 13), (15, 17, 18, 19, 20, 21, 23, 24), strict=True)}
LETTERS = "abcdefghijklmnopqrstuvwxyz"
CODES = {"escape": 27, "enter": 13, "tab": 9, "space": 32, "backspace": 127}

PLAIN: dict[str, str] = {
    "escape": ESC,
    "enter": "\r",
    "tab": "\t",
    "space": " ",
    "backspace": "\x7f",
    "shift+tab": f"{ESC}[Z",
    "up": f"{ESC}[A",
    "down": f"{ESC}[B",
    "right": f"{ESC}[C",
    "left": f"{ESC}[D",
    "ctrl+right": f"{ESC}[1;5C",
    "ctrl+left": f"{ESC}[1;5D",
    "home": f"{ESC}[H",
    "end": f"{ESC}[F",
    "delete": f"{ESC}[3~",
    "pageup": f"{ESC}[5~",
    "pagedown": f"{ESC}[6~",
    "f13": f"{ESC}[1;2P",
    "alt+backspace": f"{ESC}\x7f",
    **SS3,
    **TILDE,
    **{f"ctrl+{letter}": chr(ord(letter) & 0x1F) for letter in LETTERS},
    **{f"alt+{letter}": ESC + letter for letter in LETTERS},
    **{f"alt+shift+{letter}": ESC + letter.upper() for letter in LETTERS},
}
"""As xterm sends them."""

VT = {"home": f"{ESC}[1~", "end": f"{ESC}[4~"}

KITTY_KEYS = {
    **{name: f"{ESC}[{code}u" for name, code in CODES.items()},
    **{f"ctrl+{letter}": f"{ESC}[{ord(letter)};5u" for letter in LETTERS},
    **{f"alt+{letter}": f"{ESC}[{ord(letter)};3u" for letter in LETTERS},
    **{f"alt+shift+{letter}": f"{ESC}[{ord(letter)};4u" for letter in LETTERS},
    "shift+tab": f"{ESC}[9;2u",
    "alt+backspace": f"{ESC}[127;3u",
}
"""Not asked for, and not understood: nothing comes of them."""

TERMINALS: Mapping[str, Mapping[str, str]] = {
    "xterm": PLAIN,
    "Linux": PLAIN | VT | {f"f{n + 1}": f"{ESC}[[{letter}" for n, letter in enumerate("ABCDE")} | {"f13": f"{ESC}[25~"},
    "PuTTY": PLAIN | VT | {f"f{n}": f"{ESC}[{10 + n}~" for n in range(1, 5)} | {"f13": f"{ESC}[25~"},
    "tmux": PLAIN | VT,
    "screen": PLAIN | VT,
    "kitty": PLAIN | KITTY_KEYS,
}

BOUND = list(dict.fromkeys(key.strip() for action in ACTIONS.values() for key in action.keys.split(",")))
"""Every key of every action, in their order."""

NOTHING = [
    *KITTY_KEYS.values(),
    *(f"{ESC}[27;{held};{ord(letter)}~" for held in (3, 5, 7) for letter in LETTERS),
    *(f"{ESC}[1;{held}{letter}" for held in (3, 6, 7) for letter in "PQRS"),
    *(f"{ESC}[{code};{held}~" for held in (3, 6, 7) for code in (15, 17, 18, 19, 20, 21, 23, 24)),
]
"""Sequences that mean nothing here: the kitty protocol's, xterm's modifyOtherKeys, function keys with Alt and Ctrl+Shift."""


def unbound(held: str) -> list[str]:
    """The letters that mean nothing anywhere with Alt or Ctrl held; with Alt and Shift three begin a sequence (SS3, DCS, SOS)."""
    means = {*BOUND, *KEYS, "ctrl+i", "ctrl+m", "alt+shift+o", "alt+shift+p", "alt+shift+x"}  # Ctrl+I and Ctrl+M are Tab and Enter
    return [key for letter in LETTERS if (key := f"{held}+{letter}") not in means]


def sent(terminal: str, keys: Iterable[str]) -> str:
    """All of them, one after the other. A key that is a character is sent as itself."""
    return "".join(key if len(key) == 1 else TERMINALS[terminal][key] for key in keys)


def written(data: str) -> str:
    """Bytes as people write them: `ESC [ 1 5 ~`, `^S`."""
    names = {ESC: "ESC", " ": "Space", "\x7f": "DEL"}
    return " ".join(names.get(char) or (f"^{chr(ord(char) + 64)}" if char < " " else char) for char in data)
