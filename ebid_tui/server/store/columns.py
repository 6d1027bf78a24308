"""The tables' own column types: times in UTC, JSON, and texts cleaned of what nobody sees."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import DateTime, String, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from ebid_tui.domain.text import cleaning

Fingerprint = String(64)
Owner = String(64)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, kept in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class JsonText(TypeDecorator[Any]):
    """A value kept as JSON text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return msgspec.json.encode(value).decode() if value is not None else None

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return msgspec.json.decode(value) if value is not None else None


class CleanedText(TypeDecorator[str]):
    """A text that somebody wrote, as it is shown: without what nobody sees.

    Nothing of the kind is taken today, but an earlier version may have brought some in, by a roster or by typing. A card signs what
    its screen shows; what the server compares that with has to be the same text, or the vendor could never register.
    """

    impl = Text
    cache_ok = True

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else cleaning.shown(value)


class CleanedValues(JsonText):
    """The same of every value in JSON: a block's, or blocks' by their names."""

    cache_ok = True

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        found = super().process_result_value(value, dialect)
        clean = value is None or (len(value) <= cleaning.LONGEST and "\\" not in value and cleaning.odd(value) is None)
        return found if clean else cleaning.all_shown(found)
