"""Where postal codes and addresses come from: rows of Japan Post's lists, from whoever has them.

`assist.postal` reads addresses and knows nothing of where the rows are kept: another source of the same lists implements
`AddressSource` and is handed over as `source`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class AddressRow:
    """A town of the list, or an office that has a code of its own. `code` is seven digits, names are as the list writes them.

    `note` is what the list says behind a town in parentheses: which part of it has this code (`1〜19丁目`, `次のビルを除く`), the floor
    of a building (`3階`), the streets that lead to it (`烏丸通今出川上る`). `catch_all` is a code for whatever the list does not name.
    """

    code: str
    prefecture: str
    city: str
    town: str
    note: str = ""
    catch_all: bool = False
    lot: str = ""
    """An office's own number, behind its town."""
    office: str = ""
    reading: str = field(default="", compare=False)
    """The town's in katakana, as far as the list has it; by it a list is narrowed, and no two rows differ by it alone."""


class AddressSource(Protocol):
    """Japan Post's lists, the same as long as the program runs. A method may take milliseconds, the first one a third of a second."""

    def __hash__(self) -> int: ...

    def of_code(self, code: str) -> Sequence[AddressRow]:
        """Every row with these seven digits; none for a code that the lists do not have."""
        ...

    def cities(self) -> Sequence[tuple[str, str]]:
        """Prefecture and city of every city that has towns."""
        ...

    def in_city(self, prefecture: str, city: str) -> Sequence[AddressRow]:
        """Every town of a city, catch-alls too, offices not."""
        ...

    def beginning(self, characters: str) -> Sequence[AddressRow]:
        """Every town of every city whose name begins with one of these characters; neither catch-alls nor offices."""
        ...
