"""Work that runs beside the requests: short transactions with rests between them, and troubles told without secrets."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy.exc import OperationalError

from ebid_tui.errors import EbidError
from ebid_tui.server.store import transactions
from ebid_tui.server.store.engine import writing_engine


def test_long_work_lets_others_write_now_and_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now, rests = [0.0], list[float]()
    monkeypatch.setattr(transactions, "time", SimpleNamespace(monotonic=lambda: now[0], sleep=rests.append))
    engine = writing_engine(f"sqlite:///{tmp_path / 'ebid.db'}")
    transact = transactions.direct(engine)
    for at, rested in (
        (1.0, 0),
        (transactions.WORK, 0),
        (transactions.WORK + 0.1, 1),
        (2 * transactions.WORK, 1),
        (2 * transactions.WORK + 0.2, 2),
    ):
        now[0] = at
        assert transact(lambda _: "done") == "done"
        assert rests == [transactions.REST] * rested
    engine.dispose()


@pytest.mark.parametrize(
    ("error", "reason"),
    [(ValueError("secret"), "ValueError"), (ImportError("secret"), "ImportError"), (OperationalError("", {}, Exception("full")), "full")],
)
def test_a_databases_trouble_is_told_without_its_url(error: Exception, reason: str) -> None:
    with pytest.raises(EbidError, match="E-DATABASE") as caught, transactions.database_errors():
        raise error
    assert reason in caught.value.title + caught.value.remedy
    assert "secret" not in str(caught.value) + caught.value.remedy
