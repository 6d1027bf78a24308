"""A window with VTE's terminal of 80x24 in it (GNOME Terminal's and many others'): `vte.py COMMAND ...`, run by Debian's python3.

`--known` only tells by its exit code whether the libraries are there.
"""

import sys

try:
    import gi

    gi.require_version("Gtk", "3.0")
    gi.require_version("Vte", "2.91")
    from gi.repository import GLib, Gtk, Vte
except (ImportError, ValueError):
    sys.exit(1)


def main(command: list[str]) -> None:
    window, terminal = Gtk.Window(title="terminal"), Vte.Terminal()
    terminal.set_size(80, 24)
    window.add(terminal)
    terminal.connect("child-exited", lambda *_: Gtk.main_quit())
    window.connect("destroy", Gtk.main_quit)
    terminal.spawn_async(Vte.PtyFlags.DEFAULT, None, command, None, GLib.SpawnFlags.SEARCH_PATH, None, None, -1, None, lambda *_: None)
    window.show_all()
    terminal.grab_focus()
    Gtk.main()


if sys.argv[1:] != ["--known"]:
    main(sys.argv[1:])
