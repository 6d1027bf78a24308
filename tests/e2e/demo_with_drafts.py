"""The demo, with the drafts that a real vendor's program has: `python -m tests.e2e.demo_with_drafts demo`."""

from __future__ import annotations

import sys
from dataclasses import replace

from ebid_tui.__main__ import main
from ebid_tui.card_and_server import CardAndServer
from ebid_tui.demo import card_and_server
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.drafts import store
from ebid_tui.settings import Settings

_without = card_and_server.demo_parts


def demo_parts(settings: Settings, profile: Profile | None = None) -> CardAndServer:
    return replace(_without(settings, profile), drafts=store(settings))


if __name__ == "__main__":
    setattr(card_and_server, "demo_parts", demo_parts)  # noqa: B010
    sys.exit(main())
