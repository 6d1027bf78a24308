"""The environment's proxy, and every address that cannot be asked: whatever the libraries make of it, what comes of it is ours."""

from __future__ import annotations

import pytest

from ebid_tui.client.http_request import HttpConnections, ServerAddress
from ebid_tui.client.proxies import proxy_for
from ebid_tui.errors import ServerAway, ServerError

FAR = "https://bidding.example:8443"
UNUSABLE = ["socks5://u:Demo-pass1@127.0.0.1:1", "socks4://x", "ftp://x", "http://[::1", "http://127.0.0.1:99999999", "http://x:-1", "http://",
            "http://127.0.0.1:0", "http://a\x1b]0;owned\x07", "a b", "://"]  # fmt: skip


@pytest.fixture(autouse=True)
def none_but_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    for scheme in ("http", "https", "all", "no"):
        for name in (f"{scheme}_proxy", f"{scheme}_proxy".upper()):
            monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
async def test_what_is_no_proxy_is_told_by_its_variable(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    for value in UNUSABLE:
        monkeypatch.setenv(variable, value)
        with pytest.raises(ServerError) as caught:
            await HttpConnections(ServerAddress(FAR)).ask("GET", "/clock", dict)
        error = caught.value
        assert (error.code, error.retriable, error.values) == ("E-SERVER-PROXY", False, {"variable": variable}), value
        assert "Demo-pass1" not in repr(error) + error.title + error.remedy


def test_which_proxy_is_asked_and_what_the_others_say_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "socks5://x")
    assert proxy_for(FAR) == ""
    monkeypatch.setenv("ALL_PROXY", "https://all.example")
    assert proxy_for(FAR) == "https://all.example"
    monkeypatch.setenv("HTTPS_PROXY", " proxy.example:8080 ")
    assert proxy_for(FAR) == "http://proxy.example:8080"
    assert proxy_for("http://127.0.0.1:1") == ""
    for none, bypassed in (("[::", False), ("bidding.example", True), (".example", True), ("*", True), ("ding.example", False)):
        monkeypatch.setenv("NO_PROXY", none)
        assert (proxy_for(FAR) == "") is bypassed
    monkeypatch.setenv("NO_PROXY", "::1")
    assert proxy_for("https://[::1]:8443") == ""


@pytest.mark.parametrize("host", ["xn--", "xn--.jp", "\u3042\u200d.jp", "[v1.x]", "a..b", "b" * 64 + ".jp"])
async def test_a_host_that_is_no_name(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    """The server's: it is away, told by the kind of error alone. The proxy's: by its variable, or as away where it might be one."""
    with pytest.raises(ServerAway) as away:
        await HttpConnections(ServerAddress(f"https://{host}")).ask("GET", "/clock", dict)
    assert host not in str(away.value)
    monkeypatch.setenv("HTTPS_PROXY", f"http://{host}")
    with pytest.raises(ServerError) as caught:
        await HttpConnections(ServerAddress(FAR)).ask("GET", "/clock", dict)
    assert caught.value.code in ("E-SERVER-PROXY", "E-SERVER-AWAY")
    assert host not in str(caught.value)
