"""R-21: what the libraries remember of painted texts is gone with the visit, and does not grow."""

from __future__ import annotations

import gc

from textual._styles_cache import StylesCache

from ebid_tui.flows.ui import Report, Ui
from ebid_tui.terminal import painted_texts
from tests.screens.stage import stage

SECRET = "鷹司檀密"


async def test_r21_nothing_that_was_painted_is_remembered() -> None:
    async def flow(ui: Ui) -> None:
        await ui.read(Report("r", SECRET, (), SECRET, "close"))
        ui.forget()
        await ui.read(Report("r", "next", (), "next", "close"))
        ui.forget()
        await ui.read(Report("r", "third", (), "third", "close"))

    async with stage(flow) as s:
        await s.until(SECRET)
        assert any(SECRET in text for text in _strips()), "it is there while it is shown"
        for text in ("next", "third"):
            await s.press("enter")
            await s.until(text)
        assert not any(SECRET in text for text in _strips())


def test_every_cache_is_one_that_can_be_dropped() -> None:
    painted_texts.forget()
    assert [function.cache_info().currsize for function in painted_texts.caches()] == [0] * len(painted_texts.caches())  # type: ignore[attr-defined]


def _strips() -> list[str]:
    """The text of every line in a cache that is still in memory."""
    gc.unfreeze()  # the app froze what there was with its first frame
    return [strip.text for cache in gc.get_objects() if isinstance(cache, StylesCache) for strip in cache._cache.values()]
