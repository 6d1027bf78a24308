"""`make messages`: brings a language's catalogue in line with the Japanese sentences, compiles it, and names what is missing.

A sentence's key is its context, the Japanese text its msgid. Where the Japanese of a key has changed, the old translation stays,
marked fuzzy: it does not count until somebody has looked at it and taken the mark away. `--fill FILE` puts in translations from
lines `area.name = English` (`\\n` is a new line) and takes their marks away.
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from importlib import import_module
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from ebid_tui.language import DOMAIN, LANGUAGES, LOCALE, SOURCE
from ebid_tui.messages import AREAS

WHENEVER = datetime(2026, 1, 1, tzinfo=UTC)
"""The headers' dates: a catalogue changes only when a sentence does."""


def sentences() -> dict[str, str]:
    """Every sentence by its key."""
    modules = {area: import_module(f"ebid_tui.messages.{area}") for area in AREAS if find_spec(f"ebid_tui.messages.{area}")}
    return {f"{area}.{name}": text for area, module in modules.items() for name, text in module.TEXTS.items()}


def po_file(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def translations(language: str) -> dict[str, Message]:
    """What stands in a language's file, by key."""
    path = po_file(language)
    if not path.exists():
        return {}
    with path.open("rb") as file:
        return {str(message.context): message for message in read_po(file, locale=language) if message.id}


def updated(language: str, filled: dict[str, str]) -> Catalog:
    """The catalogue of all sentences, with what is known of their translations."""
    known, spoken = translations(language), Locale.parse(language).english_name
    made = Catalog(locale=language, domain=DOMAIN, project="ebid-tui", version="1", creation_date=WHENEVER, revision_date=WHENEVER,
                   last_translator="ebid-tui", language_team="ebid-tui", msgid_bugs_address="-", copyright_holder="-", fuzzy=False,
                   header_comment=f"# {spoken} sentences of ebid-tui. The context is the sentence's key; see CONTRIBUTING.md.")  # fmt: skip
    order = {area: place for place, area in enumerate(dict.fromkeys(key.partition(".")[0] for key in known))}  # new areas stand behind
    for key, text in sorted(sentences().items(), key=lambda sentence: order.get(sentence[0].partition(".")[0], len(order))):
        old = known.get(key)
        translation = filled.get(key, str(old.string) if old is not None else "")
        fuzzy = key not in filled and old is not None and bool(translation) and (old.fuzzy or old.id != text)
        made.add(text, translation, context=key, flags={"fuzzy"} if fuzzy else ())
    return made


def po_text(catalogue: Catalog) -> bytes:
    out = BytesIO()
    write_po(out, catalogue, width=0)
    return out.getvalue()


def mo_bytes(catalogue: Catalog) -> bytes:
    out = BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def unfinished(catalogue: Catalog) -> list[Message]:
    """Sentences without a translation that counts."""
    return [message for message in catalogue if message.id and (not message.string or message.fuzzy)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fill", type=Path, metavar="FILE", help="lines `area.name = English`")
    parser.add_argument("--language", default="en", choices=sorted(set(LANGUAGES) - {SOURCE}))
    arguments = parser.parse_args()
    filled: dict[str, str] = {}
    for line in arguments.fill.read_text(encoding="utf-8").splitlines() if arguments.fill else ():
        key, equals, text = line.partition(" = ")
        if equals and not line.startswith("#"):
            filled[key] = text.replace("\\n", "\n")
    if unknown := sorted(filled.keys() - sentences().keys()):
        print("no such sentences:", *unknown, sep="\n  ", file=sys.stderr)
    catalogue = updated(arguments.language, filled)
    path = po_file(arguments.language)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(po_text(catalogue))
    path.with_suffix(".mo").write_bytes(mo_bytes(catalogue))
    missing = unfinished(catalogue)
    for message in missing:
        japanese = str(message.id).replace("\n", "\\n")
        print(f"{message.context} = {japanese}" + (f"   (fuzzy: {message.string})" if message.fuzzy else ""))
    print(f"{len(catalogue) - len(missing)} translated, {len(missing)} missing or fuzzy", file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
