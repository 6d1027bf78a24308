"""Fields that a municipality has made up (`x-…`) go with the others, from the form to the export; the server checks them."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ebid_tui.demo.cards import Wallet
from ebid_tui.errors import InputError, ServerError
from ebid_tui.messages import t
from ebid_tui.plain.run import COMPLETED
from ebid_tui.server.decisions.checking import FormToCheck, check_blocks
from ebid_tui.server.roster.exporting import export
from tests.clock import STARTED
from tests.e2e.test_fifth_system import END, FORM, PIN, SEARCH, at
from tests.e2e.town import Town, town
from tests.e2e.variations import changed, fields_of_the_forms_own
from tests.server.running.test_small_parts import known
from tests.server.signing import Authority
from tests.wallets import of_today

OWN = "company.x-branch-code: 42\ncard_contact.x-duty: 部長\ncard_contact.x-mail: second@minato.example\n"
FIRST = at("港町", "工事", "新規登録") + "card: first\n" + PIN + SEARCH
TYPED = {("company", "x-branch-code"): "000042", ("card_contact", "x-duty"): "部長", ("card_contact", "x-mail"): "second@minato.example"}


@pytest.fixture(scope="module")
def wallet(tmp_path_factory: pytest.TempPathFactory) -> Wallet:
    return of_today(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def opened(wallet: Wallet) -> Iterator[Town]:
    with tempfile.TemporaryDirectory(prefix="ebid-") as directory:
        file = Path(directory) / "owntown.toml"
        file.write_text(changed("owntown", fields_of_the_forms_own), "utf-8")
        with town(Path(directory), wallet, file, Authority(now=STARTED)) as made:
            yield made


@pytest.fixture
def own_town(opened: Town) -> Iterator[Town]:
    yield opened
    opened.server.restore()


def test_what_is_typed_goes_all_the_way(own_town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    ran = own_town.run(FIRST + FORM + OWN + END.replace("done", "done: print\ndone"), capsys)
    assert ran.code == COMPLETED, ran.out + ran.err
    assert ran.told("支店の番号: 000042", "役職: 部長", "予備のメール: second@minato.example"), "zeros need not be typed"
    assert "支店の番号: 000042" in ran.out[ran.out.rindex(t("field.padded", length=6)) :]
    assert "役職: 部長" in own_town.mails()[0].splitlines(), "the file has it among mail.rows"
    with own_town.server.database() as connection:
        file = io.BytesIO()
        assert list(export(connection, own_town.profile, file, "csv", "utf-8")) == [1, 2]
    header, values = csv.reader(io.StringIO(file.getvalue().decode()))
    titles = {b.id: b.title or t("roster.card_contact") for b in own_town.profile.blocks}
    row = dict(zip(header, values, strict=True))
    assert {where: row[f"{titles[where[0]]}.{own_town.profile.labels(where[0])[where[1]]}"] for where in TYPED} == TYPED
    amended = at("港町", "工事", "内容変更") + "card: first\n" + PIN + "card_contact.x-duty: 課長\npropagate: yes\n"
    ran = own_town.run(amended + END, capsys)
    assert ran.code == COMPLETED, ran.out + ran.err
    assert ran.told("*役職: 課長", "予備のメール: second@minato.example")


def form(opened: Town, **blocks: dict[str, str]) -> FormToCheck:
    """A form without a card, complete but for its contacts; `blocks` are put over it."""
    sent = {"company": {"name": "試験建設", "x-branch-code": "000042"}, "card_contact": {"x-duty": "部長"}}
    sent = {block: sent.get(block, {}) | blocks.get(block, {}) for block in {*sent, *blocks}}
    return FormToCheck(profile=opened.profile, operation="registration", category="works", blocks=sent, card_holder=None, known=known())


@pytest.mark.parametrize(
    ("block", "values", "code"),
    [
        ("card_contact", {"x-duty": ""}, "E-REQUIRED"),
        ("card_contact", {"x-duty": "長" * 21}, "E-TOO-LONG"),
        ("card_contact", {"x-duty": "ﾌﾞﾁｮｳ"}, "R-29"),
        ("card_contact", {"x-mail": "second"}, "E-MAIL"),
        ("company", {"x-branch-code": "42"}, "E-EXACT"),
    ],
)
def test_the_server_has_the_last_word(own_town: Town, block: str, values: dict[str, str], code: str) -> None:
    with pytest.raises(InputError) as refused:
        check_blocks(form(own_town, **{block: values}))
    (name,) = values
    assert {found[0]: found[1] for found in refused.value.problems}[f"{block}.{name}"] == code


def test_what_no_file_has_is_refused(own_town: Town) -> None:
    with pytest.raises(ServerError, match=r"E-STATEMENT: card_contact\.x-other"):
        check_blocks(form(own_town, card_contact={"x-other": "部長"}))
