"""How long the parts of a request may be at most: far above what any system asks for, far below what would be work to look at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from litestar.params import HeaderParameter
from msgspec import Meta

Id = Annotated[str, Meta(max_length=64)]
"""Of a system, an agency, a category, a registration."""
Number = Annotated[str, Meta(max_length=64)]
"""A vendor's."""
Origin = Annotated[str, Meta(max_length=300)]
Typed = Annotated[dict[Annotated[str, Meta(max_length=64)], Annotated[str, Meta(max_length=2000)]], Meta(max_length=100)]
"""One block's values by field id, as they were typed. The systems' own limits are told field by field (E-INPUT)."""
TYPED: Mapping[str, Any] = {
    "maxProperties": 100,
    "propertyNames": {"maxLength": 64},
    "additionalProperties": {"type": "string", "maxLength": 2000},
}
"""The same for the API's description."""
OptionalToken = Annotated[str, Meta(max_length=256)]
"""Of a session or a voucher; empty for none."""
Password = Annotated[str, Meta(max_length=1024)]
Code = Annotated[str, Meta(max_length=20)]
"""Of a TOTP device."""
CertificateBytes = Annotated[bytes, Meta(max_length=16 * 1024)]
IdempotencyKey = Annotated[str | None, HeaderParameter(name="Idempotency-Key", required=False)]
"""Under what a change may be sent again; checked where it is needed, so that its refusal has a code of its own."""


class AtPlace(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is asked at one agency and category; its repr tells no more of it."""

    agency: Id
    category: Id

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.agency!r}, {self.category!r})"


class TypedAtPlace(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was typed, by field id, and where; the same of a system, where nobody is signed in yet."""

    system: Id
    agency: Id
    category: Id
    values: Typed

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.system!r}, {self.agency!r}, {self.category!r})"
