"""Every key of a system's file, with its type, its default and what it decides: from the code, so that nothing is forgotten."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, get_args, get_origin, get_type_hints

import msgspec

from ebid_tui.domain.profile.structure import in_words
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.messages import t

Table = tuple[type[msgspec.Struct], tuple[str, ...]]
"""A Struct, and where in a file it stands: `[hours]`, `[[agencies]]`."""


def tables() -> list[Table]:
    """Every table of a file, in the order in which they are met; a Struct that stands in several places has them all."""
    found: dict[type[msgspec.Struct], list[str]] = {Profile: [t("system.reference_top")]}
    for struct, name in _inside(Profile, ""):
        if name not in found.setdefault(struct, []):
            found[struct].append(name)
    return [(struct, tuple(names)) for struct, names in found.items()]


def _inside(struct: type[msgspec.Struct], path: str) -> Iterator[tuple[type[msgspec.Struct], str]]:
    hints = get_type_hints(struct, include_extras=True)
    for field in msgspec.structs.fields(struct):
        where = f"{path}.{field.name}".lstrip(".")
        for inner, several in _structs(hints[field.name]):
            yield inner, f"[[{where}]]" if several else f"[{where}]"
            yield from _inside(inner, where)


def _structs(hint: Any, several: bool = False) -> Iterator[tuple[type[msgspec.Struct], bool]]:
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        yield hint, several
    for part in get_args(hint):
        yield from _structs(part, several or get_origin(hint) is tuple)


def default_of(field: msgspec.structs.FieldInfo) -> str:
    """As it would be written in a file; empty where the key is needed."""
    if field.required:
        return ""
    value = field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
    return "" if value is None or isinstance(value, msgspec.Struct) else json.dumps(value, ensure_ascii=False)


def reference() -> str:
    """All of it as Markdown, in the language spoken."""
    lines = [f"# {t('system.reference_title')}", "", t("system.reference_lead")]
    for struct, places in tables():
        hints = get_type_hints(struct, include_extras=True)
        named = [f"`{place}`" if place.startswith("[") else place for place in places]
        lines += ["", f"## {'、'.join(named)}", ""]
        heads = [t(f"system.reference_{head}") for head in ("key", "type", "default", "meaning")]
        lines += [f"| {' | '.join(heads)} |"]
        lines += ["| --- | --- | --- | --- |"]
        for field in msgspec.structs.fields(struct):
            default = t("system.reference_needed") if field.required else f"`{said}`" if (said := default_of(field)) else "－"
            meaning = str(t(f"system_key.{struct.__name__}.{field.name}")).replace("|", "\\|")
            lines.append(f"| `{field.name}` | {in_words(hints[field.name]).replace('|', chr(92) + '|')} | {default} | {meaning} |")
    return "\n".join(lines) + "\n"
