"""Everything in a file that is of the wrong type, unknown or missing, all at once: msgspec stops at the first."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from datetime import date
from difflib import get_close_matches
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

from ebid_tui.messages import t

MOST = 100
"""Values that a fault lists as allowed."""


class TypeFault(msgspec.Struct, frozen=True):
    """What is wrong at one key: `id` says of which kind, `found` what stands there, `allowed` what may, `meant` what was probably meant."""

    key: str
    id: Literal["unknown_key", "missing_key", "wrong_type", "not_allowed", "out_of_range"]
    found: str = ""
    allowed: str = ""
    meant: str = ""

    @property
    def reason(self) -> str:
        """In the language spoken."""
        said = t(f"system.{self.id}", found=self.found, allowed=self.allowed)
        return said + (t("system.did_you_mean", meant=self.meant) if self.meant else "")


def type_faults(table: Mapping[str, Any], struct: type[msgspec.Struct], key: str = "") -> Iterator[TypeFault]:
    """Every fault of a table that should be this Struct; nothing where `msgspec.convert` takes it."""
    hints = _hints(struct)
    fields = _fields(struct)
    for name in table:
        if name not in fields:
            near = get_close_matches(name, fields, 1, 0.6)
            yield TypeFault(_join(key, name), "unknown_key", name, " ".join(sorted(fields)), near[0] if near else "")
    for name, field in fields.items():
        if name in table:
            yield from _of(table[name], hints[field.name], _join(key, name))
        elif field.required:
            near = [known for known in get_close_matches(name, table, 1, 0.7) if known not in fields]
            yield TypeFault(_join(key, name), "missing_key", name, in_words(hints[field.name]), near[0] if near else "")


def _of(value: object, wanted: Any, key: str) -> Iterator[TypeFault]:
    wanted, limits = _bare(wanted)
    if isinstance(wanted, type) and issubclass(wanted, msgspec.Struct):
        if isinstance(value, Mapping):
            yield from type_faults(value, wanted, key)
        else:
            yield TypeFault(key, "wrong_type", shown(value), in_words(wanted))
        return
    origin, inner = get_origin(wanted), get_args(wanted)
    if origin is tuple and isinstance(value, list) and len(inner) == 2 and inner[1] is Ellipsis:
        for number, item in enumerate(value):
            called = item.get("id", number) if isinstance(item, Mapping) else number
            yield from _of(item, inner[0], _join(key, str(called)))
        return
    if origin is dict and isinstance(value, Mapping):
        for name, item in value.items():
            yield from _of(item, inner[1], _join(key, str(name)))
        return
    if origin is Literal:
        if value not in inner or isinstance(value, bool) != any(isinstance(one, bool) for one in inner):
            words = [str(one) for one in inner]
            near = get_close_matches(str(value), words, 1, 0.5) if isinstance(value, str) else []
            yield TypeFault(key, "not_allowed", shown(value), " ".join(words[:MOST]), near[0] if near else "")
        return
    try:
        msgspec.convert(value, Annotated[wanted, limits] if limits is not None else wanted)
    except msgspec.ValidationError:
        fits = limits is not None and not any(_of(value, wanted, key))
        yield TypeFault(key, "out_of_range" if fits else "wrong_type", shown(value), in_words(wanted) + _limits(limits))


def _bare(wanted: Any) -> tuple[Any, msgspec.Meta | None]:
    """A type without None and without its limits, which come beside it."""
    if get_origin(wanted) is Annotated:
        inner, *more = get_args(wanted)
        return inner, next((one for one in more if isinstance(one, msgspec.Meta)), None)
    if get_origin(wanted) in (Union, types.UnionType):
        kept = [one for one in get_args(wanted) if one is not type(None)]
        if len(kept) == 1:
            return _bare(kept[0])
    return wanted, None


@cache
def _fields(struct: type[msgspec.Struct]) -> dict[str, msgspec.structs.FieldInfo]:
    return {field.encode_name: field for field in msgspec.structs.fields(struct)}


@cache
def _hints(struct: type[msgspec.Struct]) -> dict[str, Any]:
    return get_type_hints(struct, include_extras=True)


def _join(key: str, name: str) -> str:
    return f"{key}.{name}" if key else name


def shown(value: object) -> str:
    """What stands in the file, short."""
    text = {True: "true", False: "false"}[value] if isinstance(value, bool) else f'"{value}"' if isinstance(value, str) else str(value)
    if isinstance(value, Mapping):
        text = "{ " + ", ".join(map(str, value)) + " }"
    return text if len(text) <= 60 else text[:59] + "…"


_WORDS: dict[Any, str] = {str: "text", int: "number", bool: "truth", float: "number", date: "date", dict: "table"}


def in_words(wanted: Any) -> str:
    """A type as the person knows it who writes the file."""
    wanted, limits = _bare(wanted)
    origin, inner = get_origin(wanted), get_args(wanted)
    if origin is Literal:
        return " ".join(str(one) for one in inner)
    if origin is tuple:
        if len(inner) == 2 and inner[1] is Ellipsis:
            return t("system.list_of", items=in_words(inner[0]))
        return t("system.list_of", items=", ".join(in_words(one) for one in inner))
    if origin is dict:
        return t("system.type_table")
    if isinstance(wanted, type) and issubclass(wanted, msgspec.Struct):
        return t("system.type_table")
    return t(f"system.type_{_WORDS.get(wanted, 'text')}") + _limits(limits)


def _limits(limits: msgspec.Meta | None) -> str:
    if limits is None:
        return ""
    said = [f"≧ {limits.ge}"] if limits.ge is not None else []
    said += [f"≦ {limits.le}"] if limits.le is not None else []
    lengths = (limits.min_length, limits.max_length)
    said += [t("system.length", least=lengths[0] or 0, most=lengths[1] or "…")] if lengths != (None, None) else []
    return f" ({', '.join(said)})" if said else ""
