"""`ebid-tui card change-pin`: a card's PIN, on the screens of the configured system, or in lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebid_tui.card_and_server import CardAndServer, real_parts
from ebid_tui.messages import t
from ebid_tui.plain.run import COMPLETED, NOT_COMPLETED, ended, in_lines

if TYPE_CHECKING:
    from ebid_tui.flows.ui import Ui
    from ebid_tui.plain.answers import Answers
    from ebid_tui.settings import Settings


def start(settings: Settings, *, plain: bool, script: str | None = None, secrets: int | None = None) -> int:
    """Change one card's PIN; 0 only when it was changed. Without a system there are no screens, and it goes on in lines.

    Of a system only the cards that it trusts are taken, else those of every accepted authority. Exit codes as in line mode.
    """
    from ebid_tui.domain.profile.systems import profile_of

    profile = profile_of(settings.system, *settings.profile_directories) if settings.system else None
    trusted = profile.trusted if profile else ()
    parts = real_parts(settings)
    if plain or script is not None or profile is None:
        return in_lines(parts, script, secrets, lambda answers: _in_lines(parts, trusted, answers))

    from ebid_tui.commands.screens import run_flow

    changed: list[bool] = []

    async def flow(ui: Ui) -> None:
        from ebid_tui.flows.pin_change import change_pin

        changed.append(await change_pin(ui, parts.cards, trusted))

    code = run_flow(profile, parts, settings, flow)
    return code or (COMPLETED if changed == [True] else ended(NOT_COMPLETED, t("plain.pin_not_changed")))


async def _in_lines(parts: CardAndServer, trusted: tuple[str, ...], answers: Answers) -> int:
    from ebid_tui.flows.pin_change import change_pin
    from ebid_tui.plain.answers import EndOfInput
    from ebid_tui.plain.voice import PlainUi

    print(t("plain.keys"))
    try:
        changed = await change_pin(PlainUi(answers, parts.cards, parts.tray), parts.cards, trusted)
    except EndOfInput:
        changed = False
    return COMPLETED if changed else ended(NOT_COMPLETED, t("plain.pin_not_changed"))
