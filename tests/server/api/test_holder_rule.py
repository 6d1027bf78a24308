"""R-32: what a system's file says of a card in another name than the list's is what the server decides."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from ebid_tui.demo.cards import Wallet
from ebid_tui.errors import RuleError
from ebid_tui.server.store import schema
from tests.server.running_server import Bidder, Running, running
from tests.server.signing import Card


@pytest.fixture(params=["must_match", "any"])
def other(
    request: pytest.FixtureRequest, server: Running, tmp_path: Path, short_dir: Path, card_directory: Wallet, authority: Any
) -> Iterator[tuple[str, Running]]:
    """A system with the packaged one's list, and its own rule."""
    text = f'extends = "ise"\nid = "other"\n[rules]\nholder = "{request.param}"\n'
    (tmp_path / "other.toml").write_text(text, encoding="utf-8")
    with running(short_dir, card_directory, authority.der, system_directories=(tmp_path,), systems=("ise", "other")) as made:
        with server.database() as source, made.database(writing=True) as target:
            for table in (schema.accounts, schema.qualifications):
                rows = source.execute(table.select().where(table.c.system == "ise")).mappings()
                copies = [{name: value for name, value in row.items() if name != "id"} | {"system": "other"} for row in rows]
                target.execute(insert(table), copies)
        yield request.param, made


async def test_r32_by_the_systems_own_rule(other: tuple[str, Running], card: Callable[[str], Card]) -> None:
    rule, server = other
    bidder = Bidder(server, card("stranger"), system="other")
    if rule == "any":
        assert (await bidder.register()).id
        return
    for confirmed in (False, True):
        with pytest.raises(RuleError) as refused:
            await bidder.register(holder_confirmed=confirmed)
        assert refused.value.code == "R-32"
    assert (await Bidder(server, card("ise-new"), system="other").register()).id
