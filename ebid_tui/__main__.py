"""The command line. Each command imports only what it needs; the app's first frame comes before everything else."""

from __future__ import annotations

import sys

try:
    import argparse
    import gc
    import os
    import signal
    from itertools import pairwise
    from typing import TYPE_CHECKING

    import msgspec

    from ebid_tui.errors import EbidError, TerminalUnfit
    from ebid_tui.language import LANGUAGES, SOURCE, speak
    from ebid_tui.messages import t
    from ebid_tui.process import output
    from ebid_tui.process.option_values import whole
except KeyboardInterrupt:  # Ctrl+C before there is anybody to say anything
    sys.exit(130)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import FrameType, TracebackType

    from ebid_tui.card_and_server import CardAndServer
    from ebid_tui.domain.profile.systems import Profile
    from ebid_tui.domain.profile.walked import Walked
    from ebid_tui.settings import Settings


def main(argv: list[str] | None = None) -> int:
    """Run one command; the exit code is 0 when it did what it was asked."""
    if argv is not None:
        return _main(argv)
    output.guard_output()
    try:
        return output.exit_code_after_output(_main(None))
    except SystemExit as done:  # argparse: --help, --version
        if done.code in (0, None):
            done.code = output.exit_code_after_output(0, told=True)
        raise


def _main(argv: list[str] | None) -> int:
    try:
        if argv is None:
            sys.excepthook = _crashed
            signal.signal(signal.SIGINT, _interrupt)
        return _command(sys.argv[1:] if argv is None else argv, alone=argv is None)
    except TerminalUnfit as error:
        # First in ASCII: the terminal may be the one that cannot show anything else.
        return _told(error, error.detail)
    except EbidError as error:
        return _told(error)
    except BaseException as error:
        # Ctrl+C inside an import may come out as another error: a RuntimeError of a class that was being made.
        if not (_interrupted or isinstance(error, KeyboardInterrupt)) or isinstance(error, SystemExit):
            raise
        print(t("plain.interrupted"), file=sys.stderr)
        return 130
    finally:
        gc.enable()  # whatever came between (`_run`)


_interrupted = False
"""Whether Ctrl+C was pressed while the program was starting."""


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    global _interrupted
    _interrupted = True
    raise KeyboardInterrupt


def _command(arguments: list[str], *, alone: bool) -> int:
    """`alone`: this is a process of its own, and not a call from another program."""
    if alone:
        from ebid_tui.process.memory import no_core

        no_core()
    _speak_early(arguments)
    if arguments[:1] == ["serve"]:
        from ebid_tui.server.cli import main as serve

        _started()
        return serve(arguments[1:])
    if arguments[:1] == ["admin"]:
        from ebid_tui.server.admin.command_line import main as admin

        _started()
        return admin(arguments[1:])
    if arguments[:1] == ["system"]:
        from ebid_tui.commands.system import main as system

        _started()
        return system(arguments[1:], _walk, _preview)
    options = _parser().parse_args(arguments)
    if alone:
        _keep_the_screen_clean()
    return _run(options)


def _speak_early(arguments: list[str]) -> None:
    """Help and errors come before the settings are read: the language that flag or environment ask for."""
    flags = [text.partition("=")[2] for text in arguments if text.startswith("--language=")]
    flags += [after for flag, after in pairwise(arguments) if flag == "--language"]
    wanted = (*flags, os.environ.get("EBID_TUI_LANGUAGE", ""), os.environ.get("EBID_LANGUAGE", ""))
    speak(next((name for name in wanted if name in LANGUAGES), SOURCE))


def _crashed(_kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """A defect of the program: a sentence and a report without data, instead of a traceback full of it."""
    from ebid_tui.screens.crash import crash_message

    print(crash_message(error.with_traceback(trace), None).plain, file=sys.stderr)


def _keep_the_screen_clean() -> None:
    """What Python says on its own account goes to the log, not across the screen: an event loop that Ctrl+C left half built."""
    sys.unraisablehook = _unraisable
    if not sys.warnoptions:
        import warnings

        warnings.simplefilter("ignore")


def _unraisable(what: sys.UnraisableHookArgs) -> None:
    import logging

    logging.getLogger(__name__).debug("not raised: %s", what.exc_type.__name__)


def _told(error: EbidError, *first: str) -> int:
    for line in (*first, t("plain.error", title=error.title), t("plain.remedy", remedy=error.remedy), t("plain.code", code=error.code)):
        print(line, file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ebid-tui", description=t("main.description"))
    parser.set_defaults(script=None, secrets_fd=None, plain=False)
    _settings_flags(parser)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    demo = commands.add_parser("demo", help=t("main.demo"))
    _settings_flags(demo, "server", "server_socket")
    demo.add_argument("--plain", action="store_true", help=t("main.demo_plain"))
    demo.add_argument("--describe", action="store_true", help=t("main.demo_describe"))
    plain = commands.add_parser("plain", help=t("main.plain"), epilog=t("main.plain_words"))
    _settings_flags(plain, "theme")
    for command in (demo, plain):
        command.add_argument("--script", metavar="FILE", help=t("main.script"))
        command.add_argument("--secrets-fd", metavar="N", type=whole(), help=t("main.secrets_fd"))
    _looking(commands)
    kiosk = commands.add_parser("kiosk", help=t("main.kiosk"))
    _settings_flags(kiosk)
    kiosk.add_argument("--set-secret", action="store_true", help=t("main.kiosk_set_secret"))
    kiosk.add_argument("--visit", metavar="DESCRIPTOR", type=int, help=argparse.SUPPRESS)
    desk = commands.add_parser("desk", help=t("main.desk"))
    _settings_flags(desk)
    for screens in (parser, demo, desk):
        screens.add_argument(
            "--ascii", dest="ambiguous", action="store_const", const="ascii", default=argparse.SUPPRESS, help=t("main.ascii")
        )
    desk.add_argument("--plain", action="store_true", help=t("main.desk_plain"))
    desk.add_argument("--script", metavar="FILE", help=t("main.desk_script"))
    desk.add_argument("--secrets-fd", metavar="N", type=whole(), help=t("main.desk_secrets"))
    commands.add_parser("system", help=t("system.description"), add_help=False)
    commands.add_parser("serve", help=t("main.serve"), add_help=False)
    commands.add_parser("admin", help=t("main.admin"), add_help=False)
    return parser


def _looking(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The commands that look at things and change nothing."""
    card = commands.add_parser("card", help=t("main.card"), epilog=t("main.card_exit_codes"))
    _settings_flags(card, "server", "server_socket", "theme")
    card.add_argument("--json", action="store_true", help=t("main.json"))
    _pin_change(card)
    doctor = commands.add_parser("doctor", help=t("main.doctor"), epilog=t("main.doctor_exit_codes"))
    _settings_flags(doctor, "theme")
    doctor.add_argument("--json", action="store_true", help=t("main.json"))
    doctor.add_argument("--report", metavar="FILE", help=t("main.report"))


def _pin_change(card: argparse.ArgumentParser) -> None:
    card.set_defaults(action=None)
    change = card.add_subparsers(dest="action", metavar="ACTION").add_parser("change-pin", help=t("main.change_pin"))
    _settings_flags(change, "server", "server_socket")
    change.add_argument("--plain", action="store_true", help=t("main.change_pin_plain"))
    change.add_argument("--script", metavar="FILE", help=t("main.change_pin_script"))
    change.add_argument("--secrets-fd", metavar="N", type=whole(), help=t("main.change_pin_secrets"))


def _settings_flags(parser: argparse.ArgumentParser, *unused: str) -> None:
    """The settings' own flags, but for those that mean nothing to this command."""
    from ebid_tui.settings import FLAGS, option_of

    for key in FLAGS:
        if key not in unused:
            parser.add_argument(option_of(key), metavar="VALUE", default=argparse.SUPPRESS, help=t(f"main.{key}"))


def _run(options: argparse.Namespace) -> int:
    from ebid_tui import settings
    from ebid_tui.domain.profile import systems

    flags = {key: getattr(options, key, None) for key in settings.Settings.__struct_fields__}
    if options.command == "doctor":
        from ebid_tui.commands.doctor import main as doctor

        return doctor(options, flags)
    if options.command == "card" and options.action == "change-pin":
        from ebid_tui.commands.pin_change import start

        loaded = _loaded(flags)
        if loaded.system and not (options.plain or options.script):
            _fit_terminal()
        _started()
        return start(loaded, plain=options.plain, script=options.script, secrets=options.secrets_fd)
    if options.command == "card":
        from ebid_tui.commands.card import main as card

        return card(options, _loaded(flags))
    if options.command == "kiosk":
        from ebid_tui.kiosk.command import main as kiosk

        if not options.set_secret:
            _fit_terminal()
        _started()
        return kiosk(options, _loaded(flags))
    if options.command == "desk":
        from ebid_tui.commands.desk import main as desk

        if not (options.plain or options.script is not None):
            _fit_terminal()
        _started()
        return desk(options, _loaded(flags), _practice)
    in_lines = options.command == "plain" or options.plain or options.script is not None or getattr(options, "describe", False)
    if not in_lines:
        _fit_terminal()
    gc.disable()  # until the first frame is painted (app.py), or the first line is asked for: 50 ms
    loaded = _loaded(flags)
    demo = options.command == "demo"
    if not loaded.system:
        loaded = msgspec.structs.replace(loaded, system=_default_system(demo))
    profile = systems.profile_of(loaded.system, *loaded.profile_directories)
    if demo:
        from ebid_tui.demo.authorities import practised

        profile = practised(profile)
        if options.describe:
            return _describe(profile, loaded)
    parts = _parts(loaded, profile, demo=demo)
    if in_lines:
        from ebid_tui.plain.run import run_lines

        _started()
        gc.freeze()
        gc.enable()
        return run_lines(profile, parts, options.script, options.secrets_fd)
    from ebid_tui.commands.screens import run_windows

    _started()
    return run_windows(profile, parts, loaded)


def _describe(profile: Profile, loaded: Settings) -> int:
    """What there is in the demo, as JSON. Nothing is started."""
    from ebid_tui.demo.describing import described

    print(described(profile, *loaded.profile_directories))
    return 0


def _loaded(flags: dict[str, object]) -> Settings:
    """The settings in force; from now on their language is spoken. Raises SettingsError."""
    from ebid_tui import settings

    loaded = settings.load(flags)
    speak(loaded.language)
    return loaded


def _started() -> None:
    """From here on the event loop deals with Ctrl+C, which it does only when it finds Python's own handler."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _default_system(demo: bool) -> str:
    """The demo has one of its own; everybody else has to say which system it is. Raises SettingsError."""
    if not demo:
        from ebid_tui.settings import SettingsError

        raise SettingsError("system", t("main.system"))
    from ebid_tui.demo.cards import DEFAULT_SYSTEM

    return DEFAULT_SYSTEM


def _walk(profile: Profile, directories: Sequence[Path]) -> Walked | None:
    """Every flow of a system, with its demo, in a server of its own; None where there are no packages for a server."""
    from importlib.util import find_spec

    if find_spec("litestar") is None:
        return None
    from ebid_tui.demo.authorities import practised
    from ebid_tui.demo.card_and_server import demo_parts
    from ebid_tui.demo.walk import walk
    from ebid_tui.demo.world import world_of
    from ebid_tui.settings import Settings

    there = practised(profile)
    settings = Settings(system=profile.id, systems_directory=str(directories[0]))
    return walk(there, world_of(there, *directories), demo_parts(settings, there, accepted_after=0.0))


def _preview(profile: Profile, screen: str, size: tuple[int, int]) -> str:
    from ebid_tui.demo.preview import SCREENS, preview

    return preview(profile, next(name for name in SCREENS if name == screen), size)


def _practice(loaded: Settings) -> tuple[CardAndServer, Profile]:
    """What a training at the desk is made of, and the system as it has it."""
    from ebid_tui.demo.authorities import practised
    from ebid_tui.domain.profile import systems

    profile = practised(systems.profile_of(loaded.system, *loaded.profile_directories))
    return _parts(loaded, profile, demo=True), profile


def _parts(loaded: Settings, profile: Profile | None = None, *, demo: bool) -> CardAndServer:
    if demo:
        from ebid_tui.demo.card_and_server import demo_parts

        return demo_parts(loaded, profile)
    from ebid_tui.card_and_server import real_parts

    return real_parts(loaded)


def _fit_terminal() -> None:
    """Refuse, with the way out, a terminal on which no screen could be drawn. Raises TerminalUnfit."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()) or os.environ.get("TERM", "") in ("", "dumb", "unknown"):
        raise TerminalUnfit("This terminal cannot show screens. Use: ebid-tui plain", code="E-TERM-DUMB")
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_CTYPE") or os.environ.get("LANG") or "C.UTF-8"
    if "utf8" not in locale.lower().replace("-", "") or (sys.stdout.encoding or "").lower() not in ("utf-8", "utf8"):
        raise TerminalUnfit("This terminal is not set to UTF-8. Try: LC_ALL=C.UTF-8 ebid-tui", code="E-TERM-UTF8")


if __name__ == "__main__":
    sys.exit(main())
