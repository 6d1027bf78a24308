"""The API does what its description says (OpenAPI 3.1), whoever asks; and the description in docs/ is this program's."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import msgspec
import pytest

from ebid_tui.server.api import examples
from ebid_tui.server.app import create_app
from ebid_tui.server.running.serving import ListenAddress, make_server
from ebid_tui.server.settings import Limits, Rate
from tests.patience import long
from tests.server.operating import CATEGORY, HERE, SYSTEM, VENDOR_HERE, Clerk
from tests.server.running_server import ORIGIN, Bidder, Running
from tests.server.signing import Card

DOCS = Path(__file__).resolve().parents[3] / "docs" / "openapi.json"
PLACES = {
    "nobody": {},
    "a bidder": {"system": "ise", "agency": "ise", "category": CATEGORY, "number": "1000000001"},
    "an operator": {"system": SYSTEM, "agency": HERE, "category": CATEGORY, "number": VENDOR_HERE.number},
}
NO_LIMIT = Rate(1_000_000, timedelta(seconds=1))


def test_the_description_in_docs_is_this_programs() -> None:
    made = subprocess.run([sys.executable, "-m", "scripts.openapi"], check=True, capture_output=True, cwd=DOCS.parents[1])
    assert made.stdout.decode() == DOCS.read_text("utf-8"), "run `make openapi`"


def described() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(DOCS.read_text("utf-8"))
    return found


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [(method, path, operation) for path, methods in described()["paths"].items() for method, operation in methods.items()]


def schema_of(schema: dict[str, Any]) -> dict[str, Any]:
    """Alone, with everything that it refers to."""
    return schema | {"components": described()["components"]}


@pytest.mark.parametrize(("method", "path", "operation"), operations(), ids=[f"{m} {p}" for m, p, _ in operations()])
def test_every_route_says_what_it_wants_and_answers(method: str, path: str, operation: dict[str, Any]) -> None:
    assert operation["description"]
    assert operation["tags"]
    for parameter in operation.get("parameters", ()):
        schema = parameter["schema"]
        assert schema["examples"], parameter["name"]
        assert {"maxLength", "pattern", "maximum", "enum", "oneOf"} & set(schema), parameter["name"]
        for example in schema["examples"]:
            jsonschema_rs.validate(schema, example)
    if "requestBody" in operation:
        body = operation["requestBody"]["content"]["application/json"]
        jsonschema_rs.validate(schema_of(body["schema"]), body["examples"]["example"]["value"])
        assert described()["components"]["schemas"][body["schema"]["$ref"].rpartition("/")[2]]["additionalProperties"] is False
        # And the program reads it.
        struct = type(examples.REQUESTS[method, path])
        assert msgspec.convert(body["examples"]["example"]["value"], struct) == examples.REQUESTS[method, path]
    for status, answer in operation["responses"].items():
        content = answer.get("content", {}).get("application/json")
        if status < "400" and content is not None:
            example = content["examples"]["example"]
            if "value" in example:
                jsonschema_rs.validate(schema_of(content["schema"]), example["value"])
            else:
                assert example["externalValue"]


def test_protocol_md_has_a_row_for_every_route() -> None:
    page = re.sub(r"\{\w+\}", "{}", (DOCS.parent / "protocol.md").read_text(encoding="utf-8"))
    routes = [re.sub(r"\{\w+\}", "{}", f"{method.upper()} {path.removeprefix('/v1')}") for method, path, _ in operations()]
    assert [route for route in routes if not re.search(re.escape(f"`{route}") + "[`?]", page)] == []


def test_refusals_are_described_with_their_codes() -> None:
    for name, answer in described()["components"]["responses"].items():
        content = answer["content"]["application/problem+json"]
        assert answer["description"] == ", ".join(content["examples"]) or len(content["examples"]) > 1, name
        for code, example in content["examples"].items():
            jsonschema_rs.validate(schema_of(content["schema"]), example["value"])
            assert example["value"]["code"] == code
            assert f"Refused{example['value']['status']}" == name


# ---- the real server -------------------------------------------------------------------------------------------------


@contextmanager
def on_a_port(office: Running) -> Iterator[str]:
    """A second server on the office's database, over TCP, that counts nobody."""
    limits = Limits(sign_ins=NO_LIMIT, wrong_passwords=NO_LIMIT, account=NO_LIMIT, operator=NO_LIMIT)
    settings, ports, ready = replace(office.settings, limits=limits), [], threading.Event()

    def listening(port: int) -> None:
        ports.append(port)
        ready.set()

    server = make_server(create_app(settings), ListenAddress(), listening)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        assert ready.wait(long())
        yield f"http://127.0.0.1:{ports[0]}"
    finally:
        server.should_exit = True
        thread.join()


async def bidders(office: Running, card: Card) -> dict[str, str]:
    signed_in = await Bidder(office, card).sign_in()
    return {"Authorization": f"Bearer {signed_in.token}"}


async def operators(office: Running) -> dict[str, str]:
    signed_in = await Clerk(office).sign_in()
    return {"Authorization": f"Bearer {signed_in.token}", "Origin": ORIGIN}


@cache
def made_up() -> list[list[Any]]:
    """Requests of every route, with values out of the program that runs. Whoever asks, and on whichever database, they are the same."""
    from tests.server import generated

    return generated.of_every_route(described())


@pytest.mark.parametrize("who", ["nobody", "a bidder", "an operator"])
async def test_nothing_undocumented_ever_comes_back(who: str, office: Running, card: Callable[[str], Card]) -> None:
    from tests.server import generated

    if who == "a bidder":
        # With something on record, there is more to be told.
        await Bidder(office, card("ise-new")).register()
    with on_a_port(office) as base:
        headers: dict[str, str] = {}
        if who != "nobody":
            headers = await (bidders(office, card("ise-new")) if who == "a bidder" else operators(office))
        statuses: dict[int, int] = {}
        with generated.sender(base, headers) as send:
            for cases in made_up():
                if cases[0].method.lower() == "delete" and who != "nobody":
                    continue  # it would end the session of all that come after it; tested on its own
                for turn, made in enumerate(cases):
                    case = generated.again(made)
                    if turn % 2:
                        somewhere(case, PLACES[who])
                    status = send(case)
                    statuses[status] = statuses.get(status, 0) + 1
    assert not [status for status in statuses if status >= 500]
    assert {200, 400} <= set(statuses)
    assert who == "nobody" or statuses[200] > 15
    print(f"\n{who}: {dict(sorted(statuses.items()))}")


def somewhere(case: Any, place: dict[str, str]) -> None:
    """Nonsense beside a place that there is gets further."""
    for part in (case.path_parameters, case.query, case.body):
        if isinstance(part, dict):
            part |= {name: value for name, value in place.items() if name in part}


async def test_signing_out_answers_as_described(office: Running, card: Callable[[str], Card]) -> None:
    for path, who in (("sessions", "bidder"), ("sessions/current", "bidder"), ("desk/sessions", "desk"), ("desk/sessions/current", "desk")):
        headers = await (bidders(office, card("ise-new")) if who == "bidder" else operators(office))
        with office.http() as http:
            answers: list[httpx.Response] = [http.delete(f"/v1/{path}", headers=headers) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [204, 401]
        office.ahead += timedelta(seconds=30)
