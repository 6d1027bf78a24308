"""Every action's keys, once: screens name actions, a keymap can move them. Each has two keys, for hosts that take one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import msgspec
from textual.binding import Binding, BindingType

from ebid_tui.messages import t
from ebid_tui.widgets.frame import KeyLabel


class Action(msgspec.Struct, frozen=True):
    """What Textual calls (`action`), its default keys (the first is shown), and the message that names it."""

    action: str
    keys: str
    label: str
    priority: bool = False


ACTIONS: dict[str, Action] = {
    "app.quit": Action("app.ask_quit", "ctrl+q,ctrl+c", "screen.key.quit", priority=True),
    "app.redraw": Action("app.redraw", "ctrl+l,f12", "screen.key.redraw", priority=True),
    "app.help": Action("app.help", "f1,ctrl+g", "screen.key.help"),
    "app.language": Action("app.language", "f11,alt+l", "screen.key.language"),
    "app.theme": Action("app.theme", "f13,alt+t", "screen.key.theme"),
    "app.tray": Action("app.tray", "f9,ctrl+r", "screen.key.tray"),
    "page.back": Action("back", "escape,f3", "screen.key.back"),
    "page.submit": Action("submit", "f10,ctrl+s", "screen.key.submit"),
    "page.accept": Action("accept", "enter,ctrl+j", "screen.key.accept"),
    "page.up": Action("up", "up,ctrl+p", "screen.key.up"),
    "page.down": Action("down", "down,ctrl+n", "screen.key.down"),
    "page.left": Action("left", "left,shift+tab", "screen.key.left"),
    "page.right": Action("right", "right,tab", "screen.key.right"),
    "page.page_up": Action("page_up", "pageup,ctrl+b", "screen.key.page_up"),
    "page.page_down": Action("page_down", "pagedown,space", "screen.key.page_down"),
    "page.top": Action("top", "home,ctrl+a", "screen.key.top"),
    "page.bottom": Action("bottom", "end,ctrl+e", "screen.key.bottom"),
    "form.next": Action("next", "enter,ctrl+j", "screen.key.next"),
    "form.down": Action("next_field", "tab,down,ctrl+n", "screen.key.next_field"),
    "form.up": Action("previous_field", "shift+tab,up,ctrl+p", "screen.key.previous_field"),
    "form.page_down": Action("page_down", "pagedown,ctrl+v", "screen.key.fields_down"),
    "form.page_up": Action("page_up", "pageup,alt+v", "screen.key.fields_up"),
    "form.copy": Action("copy", "f5,ctrl+y", "screen.key.copy"),
    "form.fill": Action("fill", "f4,ctrl+x", "screen.key.fill"),
    "form.show_secret": Action("show_secret", "f6,ctrl+t", "screen.key.show_secret"),
    "form.suggestion": Action("suggestion", "f7,ctrl+o", "screen.key.suggestion"),
    "review.choose": Action("choose", "f4,c", "screen.key.choose"),
    "done.print": Action("print", "f8,p", "screen.key.print"),
    "print.send": Action("send", "f8,p", "print.key.send"),
    "print.save": Action("save", "f2,s", "print.key.save"),
    "print.cancel": Action("cancel", "delete,c", "print.key.cancel"),
    "save.complete": Action("complete", "tab,f2", "print.key.complete"),
    "tray.remove": Action("remove", "delete,r", "screen.key.remove"),
    "desk.by": Action("by", "f4,ctrl+o", "desk.key.by"),
    "desk.reason": Action("reason", "f5,ctrl+y", "desk.key.reason"),
    "desk.expiring": Action("wish('expiring')", "f6,ctrl+x", "desk.key.expiring"),
    "desk.requests": Action("wish('requests')", "f7,ctrl+s", "desk.key.requests"),
    "desk.training": Action("wish('training')", "f8,ctrl+t", "desk.key.training"),
    "desk.list_down": Action("page_down", "pagedown,ctrl+v", "screen.key.page_down"),
    "desk.list_up": Action("page_up", "pageup,alt+v", "screen.key.page_up"),
    "desk.refresh": Action("wish('refresh')", "f2,g", "desk.key.refresh"),
    "desk.elsewhere": Action("wish('elsewhere')", "f4,o", "desk.key.elsewhere"),
    "desk.reset": Action("wish('reset')", "f5,r", "desk.key.reset"),
    "desk.unlock": Action("wish('unlock')", "f6,u", "desk.key.unlock"),
    "desk.resend": Action("wish('resend')", "f7,m", "desk.key.resend"),
    "desk.cancel_card": Action("wish('cancel_card')", "f8,x", "desk.key.cancel_card"),
    "desk.csv": Action("wish('csv')", "f6,c", "desk.key.csv"),
    "desk.finished": Action("wish('finished')", "f7,d", "desk.key.finished"),
    "desk.waiting": Action("wish('waiting')", "f8,w", "desk.key.waiting"),
    "desk.part1": Action("part(0)", "1,q", "desk.part.qualification"),
    "desk.part2": Action("part(1)", "2,c", "desk.part.contacts"),
    "desk.part3": Action("part(2)", "3,k", "desk.part.cards"),
    "desk.part4": Action("part(3)", "4,p", "desk.part.password"),
    "desk.part5": Action("part(4)", "5,e", "desk.part.mails"),
    "desk.part6": Action("part(5)", "6,h", "desk.part.history"),
    "desk.part7": Action("part(6)", "7,s", "desk.part.requests"),
}

PAGING = ("page.page_down", "page.page_up", "page.top", "page.bottom")
"""Through a page on which up and down have another meaning."""

READING = ("page.down", "page.up", *PAGING)
"""Through a page that is read, or a list."""

NAMES = {
    "escape": "Esc",
    "enter": "Enter",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "space": "Space",
    "delete": "Del",
    "home": "Home",
    "end": "End",
    "tab": "Tab",
    "up": "Up",
    "down": "Down",
    "left": "Left",
    "right": "Right",
}
"""Keys as the bar and the help write them."""

_WRITTEN = {shown.lower(): key for key, shown in NAMES.items()}


def bindings(*action_ids: str) -> list[BindingType]:
    """Textual's bindings of these actions; each carries its id, by which a keymap moves it."""
    found: list[BindingType] = []
    for action_id in action_ids:
        action = ACTIONS[action_id]
        found.append(Binding(action.keys, action.action, action_id, show=False, priority=action.priority, id=action_id))
    return found


def key_name(key: str) -> str:
    """A key as people read it: `Ctrl+S`, `F10`, `Esc`."""
    if key.startswith("f") and key[1:].isdecimal() and 12 < int(key[1:]) <= 24:
        return f"Shift+F{int(key[1:]) - 12}"
    *modifiers, last = key.split("+")
    shown = NAMES.get(last) or (last.upper() if len(last) <= 3 else last.capitalize())
    return "+".join([*(m.capitalize() for m in modifiers), shown])


def written(key: str) -> str:
    """A key as Textual names it, from what people write: `Ctrl+S`, `PgUp`, `Shift+F1`, `f10`."""
    key = key.strip().lower()
    if key == "space" or not key:
        return key
    *modifiers, last = key.split("+") if key != "+" else ["+"]
    order = [m for m in ("alt", "ctrl", "shift") if m in modifiers]
    if len(order) != len(modifiers):
        return key
    last = _WRITTEN.get(last, last)
    if order == ["shift"] and last.startswith("f") and last[1:].isdecimal() and int(last[1:]) <= 12:
        return f"f{int(last[1:]) + 12}"  # so terminals send it
    return "+".join([*order, last])


_worn: Mapping[str, str] = {}
"""One's own keys by action, in the place of the standard ones."""


def use_keymap(keymap: Mapping[str, str]) -> None:
    """From now on bars and help name these keys; Textual is told by `App.set_keymap`."""
    global _worn
    _worn = keymap


def raw_keys(action_id: str) -> list[str]:
    """The keys of an action as Textual names them."""
    return [key.strip() for key in (_worn.get(action_id) or ACTIONS[action_id].keys).split(",")]


def keys_of(action_id: str) -> list[str]:
    """The keys of an action as people read them, one's own if there are any."""
    return [key_name(key) for key in raw_keys(action_id)]


def renamed(text: str, action_ids: Iterable[str]) -> str:
    """A sentence that names standard keys of these actions, with one's own in their places."""
    other: dict[str, str] = {}
    for action_id in action_ids:
        if action_id in _worn:
            own = keys_of(action_id)
            for at, key in enumerate(ACTIONS[action_id].keys.split(",")):
                other.setdefault(key_name(key.strip()), own[min(at, len(own) - 1)])
    if not other:
        return text
    names = "|".join(re.escape(name) for name in sorted(other, key=len, reverse=True))
    return re.sub(rf"(?<![A-Za-z+])({names})(?![A-Za-z0-9+])", lambda found: other[found[0]], text)


def label_of(action_id: str) -> str:
    """What an action is called."""
    return t(ACTIONS[action_id].label)


def key_label(action_id: str, label: str = "") -> KeyLabel:
    """An entry of the key bar: the action's first key, and its own name or that of the municipality's button."""
    return KeyLabel(keys_of(action_id)[0], label or label_of(action_id))
