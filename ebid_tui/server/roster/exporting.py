"""Registrations for the core system: CSV or JSON lines. A character that the encoding lacks is named, never dropped or replaced."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Literal

import msgspec
from sqlalchemy import Connection, select

from ebid_tui.domain import csv_cells, fields
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.domain.roster import columns
from ebid_tui.language import SOURCE, speaking
from ebid_tui.messages import t
from ebid_tui.server.roster.reading import Encoding, RefusedRow
from ebid_tui.server.settings import JAPAN
from ebid_tui.server.store.schema import qualifications, registrations
from ebid_tui.server.store.vendor_rows import same_vendor

Shape = Literal["csv", "jsonl"]

_r = registrations.c
_ROWS = (
    select(registrations, qualifications.c.trade_name, qualifications.c.company.label("qualified"))
    .outerjoin(qualifications, same_vendor(registrations, qualifications))
    .order_by(_r.agency, _r.category, _r.number, _r.registered_at, _r.id)
)


def export(connection: Connection, profile: Profile, file: BinaryIO, shape: Shape, encoding: Encoding) -> Iterator[int | RefusedRow]:
    """Write every registration of a system; gives each row's number, or a character that could not be written.

    Where one could not, the file is not to be used. Lines in CSV end with CR LF (RFC 4180), no cell is a formula.
    """
    labels = _labels(profile)
    line = 1
    if shape == "csv":
        line, written = 2, csv_cells.line([label for _, label in labels])
        yield from _put(file, encoding, 1, [label for _, label in labels], written, [label for _, label in labels])
    with connection.execute(_ROWS.where(_r.system == profile.id), execution_options={"yield_per": 500}) as found:
        for row in found:
            values = dict(_values(profile, row._mapping))
            cells = [values.get(name, "") for name, _ in labels]
            if shape == "csv":
                text = csv_cells.line(cells)
            else:
                text = msgspec.json.encode({name: value for (name, _), value in zip(labels, cells, strict=True) if value}).decode() + "\n"
            yield from _put(file, encoding, line, cells, text, [label for _, label in labels])
            line += 1


@speaking(SOURCE)
def _labels(profile: Profile) -> list[tuple[str, str]]:
    """Names in JSON and in the CSV's header: another system reads them, so they are the same in every language."""
    c = columns(profile)
    made = [("id", t("roster.id")), ("agency", c.agency), ("category", c.category), ("number", c.number), ("trade_name", c.trade_name)]
    made += [(name, t(f"roster.{name}")) for name in ("state", "registered_at")]
    made += [(f"card.{name}", label) for name, label in profile.labels("card_certificate").items()]
    for block in profile.blocks:
        title = block.title or t("roster.card_contact")
        for field in profile.every_field(block.id):
            if field.kind != "email_again":
                made.append((f"{block.id}.{field.id}", f"{title}.{field.label}"))
    return [*made, ("branch", c.branch)]


def _values(profile: Profile, row: object) -> Iterator[tuple[str, str]]:
    kept = dict(row)  # type: ignore[call-overload]
    yield from ((name, str(kept[name] or "")) for name in ("id", "agency", "category", "number", "trade_name", "state"))
    yield "branch", (kept["qualified"] or {}).get("branch", "")
    yield "registered_at", kept["registered_at"].astimezone(JAPAN).isoformat(timespec="seconds")
    yield from ((f"card.{name}", kept[name] or "") for name in ("serial", "issuer"))
    yield "card.not_after", kept["not_after"].astimezone(JAPAN).isoformat(timespec="seconds") if kept["not_after"] else ""
    for block in profile.blocks:
        values = kept["blocks"].get(block.id, {})
        for field in profile.every_field(block.id):
            yield f"{block.id}.{field.id}", fields.readable(field, values.get(field.id, ""))


def _put(file: BinaryIO, encoding: Encoding, line: int, cells: list[str], text: str, labels: list[str]) -> Iterator[int | RefusedRow]:
    try:
        file.write(_encoded(text, encoding))
        yield line
    except UnicodeEncodeError:
        for cell, label in zip(cells, labels, strict=True):
            for position, char in enumerate(cell, 1):
                if not _has(char, encoding):
                    reason = t("roster.unencodable", char=char, code=f"U+{ord(char):04X}", position=position, encoding=encoding.upper())
                    yield RefusedRow(line, label, f"{reason}（{cells[0]}）")


def _encoded(text: str, encoding: Encoding) -> bytes:
    return _for(text, encoding).encode(encoding)


def _has(char: str, encoding: Encoding) -> bool:
    try:
        _encoded(char, encoding)
    except UnicodeEncodeError:
        return False
    return True


_TO_CP932 = str.maketrans(
    {"\u2212": "\uff0d", "\u301c": "\uff5e", "\u2016": "\u2225", "\u00a2": "\uffe0", "\u00a3": "\uffe1", "\u00ac": "\uffe2"}
)
"""The six pairs: the same characters of JIS X 0208, which CP932 has under other code points."""


def _for(text: str, encoding: Encoding) -> str:
    return text.translate(_TO_CP932) if encoding == "cp932" else text
