"""`ebid-tui system new`: some answers, and the file loads, passes the check, and its sample roster can be imported."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from ebid_tui.__main__ import main
from ebid_tui.commands.system_questions import QUESTIONS
from ebid_tui.domain.profile.examining import examined
from ebid_tui.domain.profile.extending import whole
from ebid_tui.domain.profile.systems import PACKAGED, available, load, profile_of
from ebid_tui.domain.profile.toml import toml
from ebid_tui.messages import t
from ebid_tui.server.admin import command_line
from tests.e2e.variations import MINATO, written

LINES = "minato,港町,港町電子入札,港町・水道企業団,工事,登録番号,1,8,y,3,,,港町 財務課,-,,-,,n".replace("・", "、").split(",")
EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "systems"
PLAIN = {
    "id": "minato",
    "name": "港町",
    "title": "港町電子入札",
    "agencies": ["港町", "水道企業団"],
    "categories": ["工事"],
    "contact": "港町 財務課",
    "number_label": "登録番号",
    "number_length": 8,
}


def typed(monkeypatch: pytest.MonkeyPatch, lines: list[str]) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


def test_a_dialogue_makes_a_file_and_a_roster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    typed(monkeypatch, LINES)
    assert main(["system", "new", "--into", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    assert f"ebid-tui system check {tmp_path / 'minato.toml'}" in told
    profile = load(tmp_path / "minato.toml")
    assert [agency.name for agency in profile.agencies] == ["港町", "水道企業団"]
    assert (profile.number_label, profile.password_changed, profile.hours.open) == ("登録番号", "here", "08:30")
    text = (tmp_path / "minato.toml").read_text("utf-8")
    assert len([line for line in text.splitlines() if line.strip() and not line.startswith("#")]) < 120
    assert sum(line.startswith("#") for line in text.splitlines()) >= 5
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_the_sample_roster_is_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    typed(monkeypatch, LINES)
    assert main(["system", "new", "--into", str(tmp_path)]) == 0
    url = f"sqlite:///{tmp_path / 'ebid.db'}"
    assert command_line.main(["migrate", "--database", url]) == 0
    roster = ["--system", "minato", "--systems-dir", str(tmp_path), "--database", url, str(tmp_path / "minato-roster.csv")]
    code = command_line.main(["import-roster", *roster])
    assert code == 0, capsys.readouterr().err


def test_wrong_answers_are_told_at_once_and_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(monkeypatch, ["みなと", "Minato", *LINES[:6], "3", *LINES[6:7], "x", *LINES[7:]])
    assert main(["system", "new", "--into", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    assert told.count(t("system.wrong_id")) == 2
    assert told.count(t("system.wrong_choice", n=2)) == 1
    assert told.count(t("system.wrong_digits", most=60)) == 1


def test_one_can_go_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    typed(monkeypatch, ["harbour", ":back", *LINES[:2], ":back", *LINES[1:]])
    assert main(["system", "new", "--into", str(tmp_path)]) == 0
    assert load(tmp_path / "minato.toml").name == "港町"


@pytest.mark.parametrize("answered", [0, 1, 9, len(LINES) - 1])
def test_whoever_stops_leaves_nothing(answered: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    typed(monkeypatch, LINES[:answered])
    assert main(["system", "new", "--into", str(tmp_path)]) == 130
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_not_replaced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "answers.toml").write_text(written(PLAIN), "utf-8")
    command = ["system", "new", "--into", str(tmp_path), "--answers", str(tmp_path / "answers.toml")]
    assert main(command) == 0
    (tmp_path / "minato.toml").write_text("mine", "utf-8")
    assert main(command) == 1
    assert (tmp_path / "minato.toml").read_text("utf-8") == "mine"
    assert str(tmp_path / "minato.toml") in capsys.readouterr().err
    assert main([*command, "--force"]) == 0


def test_answers_of_a_file_are_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "answers.toml").write_text(written(PLAIN | {"hours": "morning", "nothing": 1}), "utf-8")
    assert main(["system", "new", "--into", str(tmp_path), "--answers", str(tmp_path / "answers.toml")]) == 1
    told = capsys.readouterr().err
    assert "nothing: " in told
    assert f"hours: {t('system.wrong_hours')}" in told
    assert not (tmp_path / "minato.toml").exists()


@pytest.mark.parametrize("base", ["core", *available(), *(file.stem for file in EXAMPLES.glob("*.toml"))])
@pytest.mark.parametrize("password", ["none", "changed_here"])
def test_any_system_is_one_to_start_from(base: str, password: str, tmp_path: Path) -> None:
    (tmp_path / "answers.toml").write_text(written(PLAIN | {"password": password}), "utf-8")
    command = ["system", "new", "--from", base, "--systems-directory", str(EXAMPLES), "--into", str(tmp_path)]
    assert main([*command, "--answers", str(tmp_path / "answers.toml")]) == 0
    profile = load(tmp_path / "minato.toml", (EXAMPLES,))
    assert [field.id for field in profile.search.fields][1:] == ["trade_name", *(["password"] if password != "none" else [])]


NAMES = st.text("港町水道工事物品、・()（）ABC 1-\"'\\#", min_size=1, max_size=12)


@pytest.mark.parametrize("base", ["core", *available()])
@settings(max_examples=25, suppress_health_check=list(HealthCheck), deadline=None)
@given(data=st.data())
def test_any_answers_give_a_file_that_loads(base: str, data: st.DataObject) -> None:
    answers: dict[str, object] = {
        "id": data.draw(st.from_regex(r"[a-z][a-z0-9_-]{0,10}", fullmatch=True)),
        "name": data.draw(NAMES),
        "title": data.draw(NAMES),
        "agencies": data.draw(NAMES),
        "categories": data.draw(NAMES),
        "contact": data.draw(NAMES),
        "number_label": data.draw(NAMES),
        "number_length": data.draw(st.integers(1, 20)),
        "number_characters": data.draw(st.sampled_from(["half_digits", "half_alnum"])),
        "asks_name": data.draw(st.booleans()),
        "password": data.draw(st.sampled_from(["none", "as_notified", "changed_here", "changed_elsewhere"])),
        "closed_days": data.draw(st.sampled_from(["-", "12-29", "02-29、03-01"])),
        "propagation": data.draw(st.booleans()),
    }
    with tempfile.TemporaryDirectory() as directory:
        into = Path(directory)
        (into / "answers").write_text(written(answers), "utf-8")
        command = ["system", "new", "--from", base, "--into", str(into), "--answers", str(into / "answers"), "--force"]
        if main(command) == 0:
            found = examined(into / f"{answers['id']}.toml")
            assert found.faults == []
            assert {"id", "name"} <= {question.name for question in QUESTIONS}
        else:
            assert [path.name for path in into.iterdir()] == ["answers"], "nothing half made"


@pytest.mark.parametrize("system", [*available(), str(MINATO)])
def test_the_whole_of_a_file_is_the_same_system(system: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["system", "show", "--full", system]) == 0
    text = capsys.readouterr().out
    file = available().get(system, MINATO)
    (tmp_path / file.name).write_text(text, "utf-8")
    assert load(tmp_path / file.name) == (profile_of(system) if system in available() else load(MINATO))
    assert toml(whole(tmp_path / file.name, (PACKAGED,)).table).strip() == text.strip()


def test_a_system_that_nobody_knows_is_told_with_those_that_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["system", "show", "nowhere"]) == 1
    assert " ".join(available()) in capsys.readouterr().err
