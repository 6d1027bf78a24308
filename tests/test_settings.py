"""What is set wrongly is refused, under the name that it was given by and with what it may be; never taken for something else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebid_tui import settings
from ebid_tui.domain.text.cleaning import command_in
from ebid_tui.messages import has
from ebid_tui.settings import LANGUAGE, PREFIX, Settings, SettingsError, load

DEFAULTS: dict[str, Any] = dict(zip(Settings.__struct_fields__, Settings.__struct_defaults__, strict=True))
SWITCHES = sorted(key for key, default in DEFAULTS.items() if isinstance(default, bool))
NUMBERS = sorted(key for key, default in DEFAULTS.items() if type(default) is int)
YES, NO = ("1", "true", "yes", "on"), ("0", "false", "no", "off")
WORDS = st.sampled_from([*YES, *NO, "ture", "flase", "", "はい", "２", "1.0", "none"])
BYTES = st.binary(min_size=1).map(lambda given: given.decode("utf-8", "surrogateescape"))
"""As Python hands over a variable that is no text."""
TOML = st.one_of(st.booleans(), st.integers(-9, 9), st.sampled_from([0.5, "true", "on", "ture", "", [True]]))


def variable(key: str) -> str:
    return PREFIX + key.upper()


def test_a_socket_alone_is_asked_in_plain_http(tmp_path: Path) -> None:
    """S7: TLS was spoken to it. Where `server` is given too, by whatever, it says what is spoken."""
    (file := tmp_path / "settings.toml").write_text('server = "https://office.example"\n')
    socket = {"server_socket": "/run/ebid/s"}
    assert load(socket, {}, ()).server == "http://localhost"
    assert load({}, {variable("server_socket"): "/run/ebid/s"}, ()).server == "http://localhost"
    assert load(socket, {}, (file,)).server == "https://office.example"
    assert load(socket | {"server": "https://localhost:8443"}, {}, ()).server == "https://localhost:8443"
    assert load({"server_socket": ""}, {}, ()).server == Settings().server


@given(key=st.sampled_from(SWITCHES), text=WORDS | st.text() | BYTES, pad=st.sampled_from(["", " ", "\n"]), shout=st.booleans())
def test_a_switch_in_the_environment_is_true_or_false_or_refused(key: str, text: str, pad: str, shout: bool) -> None:
    said = pad + (text.upper() if shout else text) + pad
    word = said.strip().lower()
    if word in YES + NO:
        assert getattr(load({}, {variable(key): said}, ()), key) is (word in YES)
        return
    with pytest.raises(SettingsError) as refused:
        load({}, {variable(key): said}, ())
    assert refused.value.values["key"] == variable(key)
    assert all(allowed in refused.value.remedy for allowed in (variable(key), *YES, *NO))


@given(key=st.sampled_from(SWITCHES), value=TOML)
def test_a_switch_in_a_file_is_tomls_own_or_refused(tmp_path_factory: pytest.TempPathFactory, key: str, value: object) -> None:
    file = tmp_path_factory.mktemp("settings") / "settings.toml"
    file.write_bytes(f"{key} = {json.dumps(value)}".encode())
    if isinstance(value, bool):
        assert getattr(load({}, {}, (file,)), key) is value
        return
    with pytest.raises(SettingsError) as refused:
        load({}, {}, (file,))
    assert refused.value.values["key"] == f"{key} ({file})"
    assert "true か false" in refused.value.remedy


@given(key=st.sampled_from(sorted(DEFAULTS)), text=st.text() | BYTES | st.integers().map(str) | st.just("9" * 5000))
def test_every_variable_is_taken_or_refused_by_its_name(key: str, text: str) -> None:
    given: dict[str, Any] = {}
    refused = ""
    try:
        given = msgspec.structs.asdict(load({}, {variable(key): text}, ()))
    except SettingsError as error:
        refused = str(error.values["key"])
    if refused:
        assert refused == variable(key)
        assert not isinstance(DEFAULTS[key], tuple) or command_in(text)
    else:
        assert command_in(str(given[key])) is None, "no value is one that a terminal would not take as text"
        assert type(given[key]) is type(DEFAULTS[key])
        assert key not in NUMBERS or given[key] == int(text)


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"EBID_TUI_SERVER": "https://\x1b[2Jx"}, ["EBID_TUI_SERVER", "U+001B"]),
        ({"EBID_TUI_PKCS11_MODULES": "/a.so,/\u202eb.so"}, ["EBID_TUI_PKCS11_MODULES", "U+202E"]),
        ({"EBID_TUI_\x1b[2JX": "1"}, ["EBID_TUI_[2JX"]),
        ({"EBID_TUI_PIN_PADD": "1"}, ["EBID_TUI_PIN_PADD", "pin_pad"]),
        ({"EBID_TUI_DRAFT_DAYS": "91"}, ["EBID_TUI_DRAFT_DAYS", "1から90"]),
        ({"EBID_TUI_AMBIGUOUS": "wide"}, ["EBID_TUI_AMBIGUOUS", "ascii auto narrow"]),
        ({LANGUAGE: "fr"}, [f"{LANGUAGE} ", "en ja"]),
    ],
)
def test_what_it_may_be_is_told(environment: dict[str, str], words: list[str]) -> None:
    with pytest.raises(SettingsError) as refused:
        load({}, environment, ())
    assert [word for word in words if word not in refused.value.remedy] == []


def test_the_mark_that_some_editors_begin_a_file_with_is_no_mistake(tmp_path: Path) -> None:
    (file := tmp_path / "settings.toml").write_text("mouse = true", encoding="utf-8-sig")
    assert load({}, {}, (file,)).mouse


@pytest.mark.parametrize(
    ("text", "name"), [("pin_padd = true", "pin_padd"), ("printer = 3", "printer"), ("pkcs11_modules = [3]", "pkcs11_modules")]
)
def test_a_file_is_named_with_its_key(tmp_path: Path, text: str, name: str) -> None:
    (file := tmp_path / "settings.toml").write_text(text)
    with pytest.raises(SettingsError) as refused:
        load({}, {}, (file,))
    assert refused.value.values["key"] == f"{name} ({file})"


@pytest.mark.parametrize("command", [["plain"], ["demo", "--plain"], ["desk", "--plain"], ["card"]])
def test_the_program_says_it_in_one_sentence(command: list[str]) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "ebid_tui", *command],
        env=os.environ | {"EBID_TUI_PIN_PAD": "ture"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert ran.returncode == 1
    assert ran.stdout == ""
    assert "E-SETTINGS" in ran.stderr
    assert "EBID_TUI_PIN_PAD を直してください: true か false" in ran.stderr
    assert "Traceback" not in ran.stderr


class Further(Settings, frozen=True, kw_only=True):
    """As if one more line stood among the settings."""

    new_switch: bool = False


def test_a_new_switch_is_one_line_and_is_found_everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "Settings", Further)
    (file := tmp_path / "settings.toml").write_text("new_switch = true\n")
    for loaded in (load({}, {}, (file,)), load({}, {variable("new_switch"): "on"}, ()), load({"new_switch": True}, {}, ())):
        assert isinstance(loaded, Further)
        assert loaded.new_switch
    for key, value in (("new_switch", "ture"), ("new_swich", "on")):
        with pytest.raises(SettingsError) as refused:
            load({}, {variable(key): value}, ())
        assert refused.value.values["key"] == variable(key)
        assert ("new_switch" in refused.value.remedy) is (key == "new_swich")


def test_what_the_command_line_sets_is_a_setting_with_its_own_help() -> None:
    assert set(settings.FLAGS) <= set(DEFAULTS)
    assert all(has(f"main.{key}") for key in settings.FLAGS)
