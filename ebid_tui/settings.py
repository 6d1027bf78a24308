"""Typed settings: defaults < system file < user file < environment < command line.

Files are TOML, `ebid-tui/settings.toml` in the system's and the user's configuration directory as `platformdirs` knows
them. The environment's names are `EBID_TUI_` and the key in capitals. No setting is a secret.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from ebid_tui.domain.text.cleaning import command_in, visible
from ebid_tui.errors import EbidError
from ebid_tui.language import SOURCE, Language
from ebid_tui.messages import t

APPLICATION = "ebid-tui"
PREFIX = "EBID_TUI_"
LANGUAGE = "EBID_LANGUAGE"
"""The short name of one setting, which counts for the server's commands, too."""


class SettingsError(EbidError):
    """A setting that is unknown or of the wrong type: where it was given, and what it may be."""

    code = "E-SETTINGS"

    def __init__(self, key: str, reason: str) -> None:
        key = visible(key)
        super().__init__(f"{key}: {reason}", key=key, reason=reason)


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everything that can be set."""

    system: str = ""
    """Id of the bidding system (a profile's file name without `.toml`)."""
    server: str = "https://localhost:8443"
    """Base URL of the server, as it stands in signed statements."""
    server_socket: str = ""
    """Path of a unix socket to reach the server by, instead of TCP; alone, without `server`, it is asked in plain HTTP."""
    allowed_origins: tuple[str, ...] = ()
    """許可URL: servers that a card may sign for; empty means only `server`."""
    server_ca: str = ""
    """PEM file of the authority that issued the server's TLS certificate; empty means the machine's store."""
    systems_directory: str = ""
    """Further profiles; they win over the packaged ones."""
    pkcs11_modules: tuple[str, ...] = ()
    """Paths of PKCS#11 modules (the authorities' drivers), beside those that the authorities' table names."""
    pin_pad: bool = True
    """Whether the PIN is entered on the reader's own keys where it has some; off for a reader whose keys are broken."""
    cups_server: str = ""
    """The print server: a socket's path, `host[:port]` or `https://host[:port]`; empty: as CUPS's own programs find it."""
    printer: str = ""
    """The only printer that receipts go to; empty: people choose."""
    print_to_file: bool = True
    """Whether a receipt may be saved as a file (R-20); off at kiosks."""
    idle_seconds: Annotated[int, msgspec.Meta(ge=10, le=3600)] = 120
    """Seconds without a key after which a kiosk returns to its start."""
    countdown_seconds: Annotated[int, msgspec.Meta(ge=3, le=600)] = 20
    """The last of these seconds, which a kiosk counts down on the screen."""
    language: Language = SOURCE
    """What is spoken; also `EBID_LANGUAGE`."""
    theme: str = ""
    """A theme's name (packaged, or one's own in `themes/` beside the settings) or file; empty: what fits the terminal's colours."""
    mouse: bool = False
    """Off by default: re-attaching tmux breaks mouse reporting."""
    keymap: str = ""
    """A file of one's own keys; empty: `keymap.toml` beside the user's settings, if there is one."""
    ambiguous: Literal["auto", "narrow", "ascii"] = "auto"
    """Characters that some terminals draw in two cells (※, ①, →): `ascii` puts others in their place, `auto` asks the terminal."""
    drafts: bool = True
    """Whether what was typed outlives a lost connection, encrypted; kiosks never keep any."""
    draft_days: Annotated[int, msgspec.Meta(ge=1, le=90)] = 7
    """Days after which a draft is deleted."""

    @property
    def profile_directories(self) -> tuple[Path, ...]:
        return (Path(self.systems_directory),) if self.systems_directory else ()


FLAGS = ("system", "server", "server_socket", "systems_directory", "theme", "language")
"""What the command line can set as well, under the same name (`option_of`) and with the sentence `main.<name>` as its help."""


def option_of(key: str) -> str:
    """`--server-socket` of `server_socket`."""
    return f"--{key.replace('_', '-')}"


ON_SOCKET = "http://localhost"
"""`server` where only a socket is named: what `serve --uds` calls itself. A socket of this machine needs no TLS."""
_SWITCH = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
"""What a variable may say for a switch; a file has TOML's `true` and `false`."""


def load(flags: Mapping[str, Any], environment: Mapping[str, str] | None = None, files: tuple[Path, ...] | None = None) -> Settings:
    """The settings in force. `flags` holds what was given on the command line. Raises SettingsError."""
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for file in settings_files() if files is None else files:
        for key, value in _read(file).items():
            values[key], origins[key] = value, f"{key} ({file})"
    environment = os.environ if environment is None else environment
    named = {LANGUAGE: "language"} if LANGUAGE in environment else {}
    named |= {name: name.removeprefix(PREFIX).lower() for name in environment if name.startswith(PREFIX)}
    for name, key in named.items():
        text = environment[name].encode("utf-8", "replace").decode("utf-8")  # bytes that are no text are none of the words
        values[key], origins[key] = _from_text(key, text), name
    for key, value in flags.items():
        if value is not None:
            values[key], origins[key] = value, key
    for key in origins.keys() - set(Settings.__struct_fields__):
        raise SettingsError(origins[key], t("main.setting_unknown", known=" ".join(Settings.__struct_fields__)))
    if values.get("server_socket") and "server" not in values:
        values["server"] = ON_SOCKET
    try:
        loaded = msgspec.convert(values, Settings)
    except msgspec.ValidationError as error:
        key = str(error).rpartition(" - at `$.")[2].strip("`").partition("[")[0]
        raise SettingsError(origins[key], _wanted(key)) from None
    for key, origin in origins.items():
        value = getattr(loaded, key)
        for text in value if isinstance(value, tuple) else (value,):
            if isinstance(text, str) and (code := command_in(text)) is not None:
                raise SettingsError(origin, t("main.setting_odd", code=code))
    return loaded


def _wanted(key: str) -> str:
    """What this setting may be."""
    from msgspec import inspect

    (kind,) = (field.type for field in inspect.type_info(Settings).fields if field.name == key)  # type: ignore[attr-defined]
    match kind:
        case inspect.BoolType():
            return t("main.setting_switch")
        case inspect.IntType():
            return t("main.setting_number", least=kind.ge, most=kind.le)
        case inspect.LiteralType():
            return t("main.setting_choice", words=" ".join(map(str, kind.values)))
        case inspect.VarTupleType():
            return t("main.setting_list")
    return t("main.setting_text")


def settings_files() -> tuple[Path, Path]:
    """The system's and the user's file, whether they exist or not."""
    import platformdirs

    return (
        Path(platformdirs.site_config_dir(APPLICATION, appauthor=False)) / "settings.toml",
        Path(platformdirs.user_config_dir(APPLICATION, appauthor=False)) / "settings.toml",
    )


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))  # editors put a mark before the text
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(str(file), t("main.setting_file", reason=error)) from None


def _from_text(key: str, text: str) -> Any:
    """An environment variable's text as the setting's type: lists are separated by commas. What fits no type stays a text."""
    match getattr(Settings(), key, None):
        case tuple():
            return tuple(part.strip() for part in text.split(",") if part.strip())
        case bool():
            return _SWITCH.get(text.strip().lower(), text)
        case int() if text.strip().isascii() and text.strip().isdigit():
            return int(text.strip()[:9])  # no longer one is allowed anywhere
    return text


def config_directory() -> Path:
    """Where the user's settings are."""
    return settings_files()[1].parent


def themes_directory() -> Path:
    """Where the user's own themes are."""
    return config_directory() / "themes"


def keymap_file(settings: Settings) -> Path | None:
    """One's own keys, if there are any."""
    own = config_directory() / "keymap.toml"
    return Path(settings.keymap).expanduser() if settings.keymap else own if own.is_file() else None


def cache_directory() -> Path:
    """Where what can be made again is kept (demo cards' keys)."""
    import platformdirs

    return Path(platformdirs.user_cache_dir(APPLICATION, appauthor=False))


def state_directory() -> Path:
    """Where reports of crashes and drafts are kept."""
    import platformdirs

    return Path(platformdirs.user_state_dir(APPLICATION, appauthor=False))
