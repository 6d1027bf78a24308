"""Every action's keys, once: screens name actions, a keymap can move them. Each has two keys, for hosts that take one."""

from __future__ import annotations

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
    "done.print": Action("print", "f8,p", "screen.key.print"),
    "print.send": Action("send", "f8,p", "print.key.send"),
    "print.save": Action("save", "f2,s", "print.key.save"),
    "print.cancel": Action("cancel", "delete,c", "print.key.cancel"),
    "save.complete": Action("complete", "tab,f2", "print.key.complete"),
    "tray.remove": Action("remove", "delete,r", "screen.key.remove"),
}

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


def bindings(*action_ids: str) -> list[BindingType]:
    """Textual's bindings of these actions; each carries its id, by which a keymap moves it."""
    found: list[BindingType] = []
    for action_id in action_ids:
        action = ACTIONS[action_id]
        found.append(Binding(action.keys, action.action, action_id, show=False, priority=action.priority, id=action_id))
    return found


def key_name(key: str) -> str:
    """A key as people read it: `Ctrl+S`, `F10`, `Esc`."""
    *modifiers, last = key.split("+")
    shown = NAMES.get(last) or (last.upper() if len(last) <= 3 else last.capitalize())
    return "+".join([*(m.capitalize() for m in modifiers), shown])


def keys_of(action_id: str, keymap: dict[str, str] | None = None) -> list[str]:
    """The keys of an action as people read them, the keymap's if it has any."""
    keys = (keymap or {}).get(action_id) or ACTIONS[action_id].keys
    return [key_name(key.strip()) for key in keys.split(",")]


def key_label(action_id: str, label: str = "", keymap: dict[str, str] | None = None) -> KeyLabel:
    """An entry of the key bar: the action's first key, and its own name or that of the municipality's button."""
    return KeyLabel(keys_of(action_id, keymap)[0], label or t(ACTIONS[action_id].label))
