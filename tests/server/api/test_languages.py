"""The server answers in the language that was asked for, and what it keeps or sends stays Japanese."""

from __future__ import annotations

import pytest

from ebid_tui.errors import RuleError
from ebid_tui.language import speak
from ebid_tui.messages import t
from ebid_tui.server.store import schema
from tests.server.running_server import Bidder, Running


def test_a_refusal_in_either_language(server: Running) -> None:
    with server.http() as http:
        english = http.get("/v1/nothing", headers={"Accept-Language": "en-GB, ja;q=0.5"})
        japanese = http.get("/v1/nothing", headers={"Accept-Language": "fr"})
        silent = http.get("/v1/nothing")
    in_japanese = t("error.E-NOT-FOUND.title")
    speak("en")
    in_english = t("error.E-NOT-FOUND.title")
    assert in_english.isascii()
    assert not in_japanese.isascii()
    assert (english.json()["title"], english.headers["content-language"]) == (in_english, "en")
    assert (japanese.json()["title"], japanese.headers["content-language"]) == (in_japanese, "ja")
    assert silent.json()["title"] == in_japanese
    assert english.headers["vary"] == "accept-language"
    assert english.json()["code"] == japanese.json()["code"]


async def test_r28_the_causes_too_which_the_reader_thread_says(bidder: Bidder) -> None:
    await bidder.sign_in()
    speak("en")
    with pytest.raises(RuleError) as caught:
        await bidder.search(vendor_no="1999999999")
    assert caught.value.title == "The qualification was not found"
    assert "Is 業者番号 / Vendor No. right?" in caught.value.causes


async def test_r39_the_mail_is_japanese_whoever_asked(bidder: Bidder, server: Running) -> None:
    speak("en")
    receipt = await bidder.register()
    with server.database() as connection:
        text = "\n".join(row.body for row in connection.execute(schema.mail_outbox.select()))
    assert f"受付番号: {receipt.id}" in text
    assert "Receipt" not in text
