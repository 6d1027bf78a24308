"""What the authorities said last of who is revoked, shared by every process."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, bindparam, delete, func, or_, select

from ebid_tui.server.store.columns import UtcDateTime
from ebid_tui.server.store.engine import insertion
from ebid_tui.server.store.schema import revocation_data

Kind = Literal["crl", "ocsp"]

_C = revocation_data.c
_SEEN = select(_C.key, _C.digest, _C.this_update, _C.next_update, _C.tried_at, _C.failure).where(
    _C.key.in_(bindparam("p_keys", expanding=True))
)
_DIGESTS = select(_C.key, _C.digest).where(_C.key.in_(bindparam("p_keys", expanding=True)))
_BODY = select(_C.body).where(_C.key == bindparam("p_key"), _C.digest == bindparam("p_digest"))
_DUE = (
    select(_C.key, _C.kind, _C.url, _C.certificate, _C.issuer, _C.next_update)
    .where(
        _C.ahead,
        _C.url != "",
        or_(
            _C.tried_at <= bindparam("p_tried", type_=UtcDateTime),
            _C.next_update.is_(None),
            _C.next_update <= bindparam("p_ends", type_=UtcDateTime),
        ),
    )
    .order_by(_C.key)
)
_KEPT = select(_C.this_update, _C.digest).where(_C.key == bindparam("p_key"))
_DROP = delete(revocation_data).where(func.coalesce(_C.next_update, _C.tried_at) < bindparam("p_before", type_=UtcDateTime))


@dataclass(frozen=True, slots=True)
class RevocationSource:
    """What is asked, and about which certificate (DER) of which issuer."""

    key: str
    kind: Kind
    url: str
    certificate: bytes
    issuer: bytes
    ahead: bool = True


@dataclass(frozen=True, slots=True)
class SourceState:
    """What is known of a source, without the answer itself."""

    digest: str | None
    this_update: datetime | None
    next_update: datetime | None
    tried_at: datetime
    failure: str | None


@dataclass(frozen=True, slots=True)
class RevocationAnswer:
    """An answer that was found right. `digest` is SHA-256, hex."""

    body: bytes
    digest: str
    this_update: datetime
    next_update: datetime


def seen(connection: Connection, keys: Collection[str]) -> dict[str, SourceState]:
    """What is known of these sources, by key; one that was never asked is not there."""
    rows = connection.execute(_SEEN, {"p_keys": list(keys)})
    return {row.key: SourceState(row.digest, row.this_update, row.next_update, row.tried_at, row.failure) for row in rows}


def digests(connection: Connection, keys: Collection[str]) -> dict[str, str | None]:
    """The answers that are kept now."""
    return {row.key: row.digest for row in connection.execute(_DIGESTS, {"p_keys": list(keys)})}


def body(connection: Connection, key: str, digest: str) -> bytes | None:
    """An answer; None where a newer one has taken its place."""
    found: bytes | None = connection.execute(_BODY, {"p_key": key, "p_digest": digest}).scalar_one_or_none()
    return found


def keep(connection: Connection, source: RevocationSource, answer: RevocationAnswer, now: datetime) -> bool:
    """Keep an answer. False, and nothing kept, if one that the authority made later is there: nobody may turn its clock back."""
    kept = connection.execute(_KEPT, {"p_key": source.key}).one_or_none()
    values: dict[str, object] = {"tried_at": now, "failure": None}
    if kept is None or kept.digest != answer.digest:
        if kept is not None and kept.this_update is not None and kept.this_update > answer.this_update:
            return False
        values |= {"body": answer.body, "digest": answer.digest, "this_update": answer.this_update, "next_update": answer.next_update}
    _put(connection, source, values)
    return True


def failed(connection: Connection, source: RevocationSource, failure: str, now: datetime) -> None:
    """It was asked in vain; what was answered before stays."""
    _put(connection, source, {"tried_at": now, "failure": failure[:64]})


def _put(connection: Connection, source: RevocationSource, changed: dict[str, object]) -> None:
    fixed = {"key": source.key, "kind": source.kind, "url": source.url, "ahead": source.ahead}
    whose = {"certificate": source.certificate, "issuer": source.issuer}
    statement = insertion(connection.dialect.name, revocation_data).values(fixed | whose | changed)
    connection.execute(statement.on_conflict_do_update(index_elements=["key"], set_=whose | changed))


def due(connection: Connection, tried: datetime, ends: datetime) -> list[RevocationSource]:
    """What is fetched again by itself, and was tried last before `tried` or ends before `ends`."""
    rows = connection.execute(_DUE, {"p_tried": tried, "p_ends": ends})
    return [RevocationSource(row.key, row.kind, row.url, row.certificate, row.issuer) for row in rows]


def drop(connection: Connection, before: datetime) -> int:
    """Forget what ended before this."""
    return connection.execute(_DROP, {"p_before": before}).rowcount
