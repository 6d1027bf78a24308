"""What one system's documents tell at a page, beside what is told in all systems (`flows.notices`)."""

from __future__ import annotations

import msgspec


class Notices(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Sentences by the page where they are needed; each list may be empty."""

    agency: tuple[str, ...] = ()
    """At the choice of the agency."""
    menu: tuple[str, ...] = ()
    """On 利用者登録メニュー."""
    search: tuple[str, ...] = ()
    """On 資格審査情報検索."""
    form: tuple[str, ...] = ()
    """On 利用者登録."""
    under_review: tuple[str, ...] = ()
    """On 利用者登録 while the qualification is under review (R-27)."""
    confirmation: tuple[str, ...] = ()
    """On 登録内容確認."""
    done: tuple[str, ...] = ()
    """On 処理完了."""
    pin: tuple[str, ...] = ()
    """Where a PIN is not known, or its card is locked (R-44)."""
    ends_soon: tuple[str, ...] = ()
    """Where a card ends soon (R-25, R-45)."""
