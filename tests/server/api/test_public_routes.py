"""The parts of the API that everybody may see."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from ebid_tui.domain.profile.systems import Profile, profile_of
from tests.server.running_server import Running


def test_R_01_the_clock_is_the_servers_in_japan_time(server: Running) -> None:
    server.ahead = timedelta(days=400)
    with server.http() as http:
        told = http.get("/v1/clock").json()["now"]
    assert told.endswith("+09:00")
    assert abs(datetime.fromisoformat(told) - server.settings.now()) < timedelta(seconds=5)


def test_the_systems_and_their_profiles(server: Running) -> None:
    with server.http() as http:
        listed = http.get("/v1/systems").json()
        profile = http.get("/v1/systems/saitama").content
    assert {system["id"] for system in listed} == {"ise", "aomori", "nagasaki", "saitama"}
    assert msgspec.json.decode(profile, type=Profile) == profile_of("saitama")


def test_healthy(server: Running) -> None:
    with server.http() as http:
        assert http.get("/v1/health").json() == {"status": "ok"}


def test_the_process_is_ready(server: Running) -> None:
    with server.http() as http:
        assert http.get("/v1/ready").json() == {"status": "ready"}


def test_the_api_describes_itself(server: Running) -> None:
    with server.http() as http:
        described = http.get("/v1/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    registration = described["paths"]["/v1/registrations"]["post"]
    refused = {"400", "401", "403", "408", "409", "413", "414", "415", "422", "431", "500", "503"}
    assert set(registration["responses"]) == {"201"} | refused
    assert registration["security"] == [{"session": []}]
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            refusals = [answer for status, answer in operation["responses"].items() if status >= "400"]
            assert refusals, (method, path)
            for answer in refusals:
                name = answer["$ref"].removeprefix("#/components/responses/")
                assert list(described["components"]["responses"][name]["content"]) == ["application/problem+json"], (method, path)
