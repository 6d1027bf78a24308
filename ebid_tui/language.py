"""Which language the program speaks, and the catalogue of the one that is not its own.

Sentences are written in Japanese (`messages/`); another language is a gettext catalogue in `locale/<language>/LC_MESSAGES`
and a glossary of the municipalities' labels, loaded when that language is first spoken. A process speaks one language;
a server's request is answered in the one it asked for.

Japanese sentences are written with the standard words (調達機関, 業者番号 …). A system that calls one of them otherwise says
so in its file, and `messages.t` puts its own word there. A client's tasks speak of one system; a request of the server's of
the one that it names, which is known only in the middle of it: what is learnt there holds until the request ends, in
whatever task or thread.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, ParamSpec, TypeVar, get_args

if TYPE_CHECKING:
    from gettext import GNUTranslations

P = ParamSpec("P")
T = TypeVar("T")

SOURCE: Final = "ja"
Language = Literal["ja", "en"]
LANGUAGES: tuple[str, ...] = get_args(Language)
LOCALE = Path(__file__).resolve().parent / "locale"
DOMAIN = "ebid_tui"

BESIDE = " / "
"""Between a document's label and what it means."""

_process = SOURCE
_request: ContextVar[str] = ContextVar("language", default="")
_origins: ContextVar[bool] = ContextVar("origins", default=False)

Words = tuple[tuple[str, str], ...]
"""Standard words with the system's own, only where they differ."""

PROGRAM_ONLY: Final = frozenset({"admin", "backup", "card_command", "doctor", "evidence", "kiosk", "main", "roster"})
"""Areas that speak of the program, its columns and its operators' passwords: no system has another word for them."""

OPERATORS: Final = ("desk.method.", "desk.sign_in.", "error.E-OPERATOR", "error.E-SMTP")
"""How the keys of other areas' sentences begin that speak of such passwords."""


def language() -> str:
    """The language spoken now."""
    return _request.get() or _process


def speak(wanted: str) -> None:
    """From now on this process speaks `wanted`, one of LANGUAGES."""
    global _process
    if wanted not in LANGUAGES:
        raise ValueError(wanted)
    _process = wanted


@contextmanager
def speaking(wanted: str) -> Iterator[None]:
    """What is said inside is said in `wanted`, whatever the process speaks, as plain text."""
    spoken, kept = _request.set(wanted), _origins.set(False)
    try:
        yield
    finally:
        _request.reset(spoken)
        _origins.reset(kept)


def keeping_language(work: Callable[P, T]) -> Callable[P, T]:
    """`work` for another thread, which speaks there what is spoken here, in the same words."""
    wanted, own = language(), words()
    if wanted == _process and not own:
        return work

    def in_it(*args: P.args, **kwargs: P.kwargs) -> T:
        with speaking(wanted), speaking_of(own):
            return work(*args, **kwargs)

    return in_it


def remember_origins() -> None:
    """From now on, in this context, what is said can be said again in another language (`TranslatableText`)."""
    _origins.set(True)


def asked_for(accept_language: str) -> str:
    """The language that an Accept-Language header likes best of LANGUAGES (RFC 9110, 12.5.4); Japanese where it likes neither."""
    best, best_quality = SOURCE, 0.0
    for entry in accept_language[:200].split(","):
        name, _, weight = entry.partition(";")
        primary = name.strip().lower().partition("-")[0]
        try:
            quality = float(weight.strip().removeprefix("q=")) if weight.strip() else 1.0
        except ValueError:
            continue
        if primary in LANGUAGES and best_quality < quality <= 1:
            best, best_quality = primary, quality
    return best


class TranslatableText(str):
    """A text that knows where it came from: a sentence's key and values, a label's Japanese (no key), or the parts it was joined of."""

    __slots__ = ("key", "source")
    key: str
    source: Mapping[str, object] | Sequence[str] | str

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        return str, (str(self),)


def said(text: str, key: str, source: Mapping[str, object] | Sequence[str] | str) -> str:
    """The text, with its origin where origins are remembered."""
    if not _origins.get():
        return text
    made = TranslatableText(text)
    made.key, made.source = key, source
    return made


def joined(separator: str, parts: Sequence[str]) -> str:
    """`separator.join(parts)` that can be said again in another language."""
    return said(separator.join(map(gloss, parts)), separator, tuple(parts))


def translated(key: str, text: str) -> str:
    """A sentence in the language spoken now; Japanese where it has not been translated."""
    spoken = language()
    return text if spoken == SOURCE else catalogue(spoken).pgettext(key, text)


@cache
def catalogue(spoken: str) -> GNUTranslations:
    """The compiled sentences of a language."""
    from gettext import GNUTranslations

    with (LOCALE / spoken / "LC_MESSAGES" / f"{DOMAIN}.mo").open("rb") as file:
        return GNUTranslations(file)


@cache
def glossary(spoken: str) -> Mapping[str, str]:
    """What stands in the place of a profile's text: a label with its meaning beside it, a sentence translated."""
    import tomllib

    tables = tomllib.loads((LOCALE / spoken / "glossary.toml").read_text(encoding="utf-8"))
    return {**tables["sentences"], **{label: f"{label}{BESIDE}{meaning}" for label, meaning in tables["labels"].items()}}


@cache
def _shorter(spoken: str) -> Mapping[str, str]:
    import tomllib

    found: Mapping[str, str] = tomllib.loads((LOCALE / spoken / "glossary.toml").read_text(encoding="utf-8")).get("short", {})
    return found


def shorter(label: str) -> str:
    """What a document's label means, in the language spoken now, where there is little room; empty where there is nothing shorter."""
    spoken = language()
    return "" if spoken == SOURCE else _shorter(spoken).get(label, "")


def gloss(text: str) -> str:
    """A text of a profile as it is shown in the language spoken now; what nobody has translated stays Japanese."""
    if isinstance(text, TranslatableText):
        return text
    spoken = language()
    meant = None if spoken == SOURCE else glossary(spoken).get(text)
    return text if meant is None else said(meant, "", text)


def bound(key: str) -> bool:
    """Whether the sentence under this key speaks of a bidding system's things."""
    return key.partition(".")[0] not in PROGRAM_ONLY and not key.startswith(OPERATORS)


class _Terms:
    __slots__ = ("words",)

    def __init__(self, words: Words) -> None:
        self.words = words


_now: ContextVar[_Terms | None] = ContextVar("terms", default=None)


def words() -> Words:
    """The words in force."""
    terms = _now.get()
    return () if terms is None else terms.words


def use_words(found: Words) -> None:
    """From now on, in this context and what it begins, a system's own words are said."""
    _now.set(_Terms(found))


def learn(found: Words) -> None:
    """The system is known now: until the end of `speaking_of` around this, in every task of it, its own words are said."""
    terms = _now.get()
    if terms is not None:
        terms.words = found


@contextmanager
def speaking_of(found: Words = ()) -> Iterator[None]:
    """What is said inside is said in these words; which ones may be learnt inside (`learn`), and is forgotten at the end."""
    token = _now.set(_Terms(found))
    try:
        yield
    finally:
        _now.reset(token)


def own(key: str, text: str) -> str:
    """A sentence's template in the words in force; its `{placeholders}` stay, and so does what they are filled with."""
    found = words()
    return in_words(text, found) if found and bound(key) else text


@lru_cache(maxsize=4096)
def in_words(text: str, found: Words) -> str:
    """The text with every standard word replaced, in one pass: an own word is never replaced again."""
    own_words = dict(found)
    return _pattern(found).sub(lambda standard: own_words[standard[0]], text)


@cache
def _pattern(found: Words) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(standard) for standard, _ in sorted(found, key=lambda pair: -len(pair[0]))))
