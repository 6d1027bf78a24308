"""The API's description (OpenAPI 3.1): what the framework finds out from the routes, completed with examples, limits and conditions.

`docs/openapi.json` is what `make openapi` writes of it; a test keeps it current.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import msgspec
from litestar import Litestar, Request
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from ebid_tui.errors import ServerError
from ebid_tui.server.api import bounds, problems

DESCRIPTION = """Registers IC cards for Japanese electronic bidding.

Every refusal is problem+json (RFC 9457): `code` is the rule's number or an E- code, `title` and `remedy` are Japanese sentences to show,
`errors` names faulty fields. Request bodies are JSON (RFC 8259) in UTF-8, at most 256 KiB, each key once in an object, no unknown keys,
no U+0000. A text with a character that nobody sees (control, bidi, zero-width, noncharacters, line ends) is E-INPUT: in bodies, in
what is signed, in paths and queries. Changes carry an `Idempotency-Key`: sent again with the same content they give the same receipt.
Every answer carries an `X-Request-ID`, which stands in the server's log. After 429 and 503 `Retry-After` says in how many seconds to ask
again."""

SECURITY = """The token that a sign-in gave (RFC 6750). A bidder's opens nothing at `/v1/desk`, an operator's nothing elsewhere; an
operator's is sent together with the `Origin` at which it was opened."""

TAGS = {
    "clock": "The server's time, and its health",
    "systems": "The bidding systems served",
    "bidder": "Signing in, and who that is",
    "change": "What a bidder registers",
    "desk": "For the agency's operators",
}
UNIVERSAL_HEADERS = {
    "X-Request-ID": {"description": "Stands in the server's log.", "schema": {"type": "string", "pattern": "^[0-9a-f]{16}$"}}
}
RETRY = {"description": "Seconds.", "schema": {"type": "integer", "minimum": 1}}
METHODS = ("get", "post", "put", "patch", "delete")


def description() -> OpenAPIConfig:
    """For the application."""
    return OpenAPIConfig(
        title="ebid-tui",
        version="1",
        description=DESCRIPTION,
        path="/openapi.json",  # below /v1; a folder would answer unknown paths beside it with a page of HTML
        render_plugins=[_Completed(path="/")],
        components=Components(security_schemes={"session": SecurityScheme(type="http", scheme="bearer", description=SECURITY)}),
        use_handler_docstrings=True,
    )


class _Completed(JsonRenderPlugin):
    _made: bytes = b""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        if not self._made:
            self._made = msgspec.json.encode(completed(request.app))
        return self._made


def completed(app: Litestar) -> dict[str, Any]:
    """The whole description, in plain types."""
    from ebid_tui.server.api import examples

    found: dict[str, Any] = copy.deepcopy(msgspec.to_builtins(app.openapi_schema.to_schema()))
    structs = _structs()
    for name, schema in found["components"]["schemas"].items():
        _complete_schema(schema, structs.get(name))
    found["components"]["responses"] = {}
    found["tags"] = [{"name": name, "description": text} for name, text in TAGS.items()]
    found["servers"] = [{"url": "/", "description": "Wherever this server is reached."}]
    for path, methods in found["paths"].items():
        for method in METHODS:
            if method in methods:
                _complete_operation(found, path, method, methods[method], examples)
    return found


def _complete_schema(schema: dict[str, Any], struct: type[Any] | None) -> None:
    if struct is None:
        return
    schema["description"] = " ".join((struct.__doc__ or "").split())
    if struct.__struct_config__.forbid_unknown_fields:
        schema["additionalProperties"] = False
    for name, part in schema["properties"].items():
        if name == "values" and any(vars(base).get("__annotations__", {}).get(name) == "Typed" for base in struct.__mro__):
            part |= bounds.TYPED
        told = part.get("items", {}).get("oneOf")
        if told and {} in told:  # how the framework describes the dots of tuple[X, ...]
            (part["items"],) = (kind for kind in told if kind)


def _complete_operation(found: dict[str, Any], path: str, method: str, operation: dict[str, Any], examples: Any) -> None:
    operation["tags"] = [_tag(path)]
    for parameter in operation.get("parameters", ()):
        known = examples.PARAMETERS[parameter["name"]]
        schema = parameter["schema"]
        if parameter["name"] == "Idempotency-Key":
            schema.clear()
            parameter["required"] = True
        schema.update(known)
        for noise in ("allowEmptyValue", "allowReserved", "deprecated"):
            parameter.pop(noise, None)
    if (method, path) in examples.REQUESTS:
        body = operation["requestBody"]["content"]["application/json"]
        body["examples"] = {"example": {"value": msgspec.to_builtins(examples.REQUESTS[method, path])}}
    for status, answer in list(operation["responses"].items()):
        if int(status) >= 400:
            operation["responses"][status] = {"$ref": f"#/components/responses/{_refusal(found, int(status))}"}
            continue
        answer["headers"] = UNIVERSAL_HEADERS
        answer["description"] = {"200": "Done.", "201": "Made.", "204": "Done; there is nothing to tell."}[status]
        content = answer.get("content", {}).get("application/json")
        if content is not None and (method, path) in examples.ANSWERS:
            content["examples"] = {"example": {"value": msgspec.to_builtins(examples.ANSWERS[method, path])}}
        elif content is not None:
            content["examples"] = {"example": {"summary": "A whole profile", "externalValue": examples.PROFILE}}


def _tag(path: str) -> str:
    first = path.split("/")[2]
    named = {"clock": "clock", "health": "clock", "ready": "clock", "systems": "systems", "desk": "desk"}
    return named.get(first, "change" if first in ("registrations", "amendments", "renewals", "receipts", "registered") else "bidder")


def _refusal(found: dict[str, Any], status: int) -> str:
    """The name of the answer with this status, which is described once."""
    name = f"Refused{status}"
    answers = found["components"]["responses"]
    if name not in answers:
        codes = problems.codes(status)
        told = {
            code: {"value": msgspec.to_builtins(problems.refusal(ServerError(code=code, retry_after=problems.RETRY_AFTER)))}
            for code in codes
        }
        headers = UNIVERSAL_HEADERS | ({"Retry-After": RETRY} if status in (429, 503) else {})
        answers[name] = {
            "description": ", ".join(codes),
            "headers": headers,
            "content": {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Refusal"}, "examples": told}},
        }
    return name


def _structs() -> dict[str, type[Any]]:
    """Every struct that travels, by its name in the description."""
    return {struct.__name__: struct for struct in _below(msgspec.Struct) if struct.__module__.startswith("ebid_tui.") and struct.__doc__}


def _below(struct: type[Any]) -> Iterator[type[Any]]:
    for sub in struct.__subclasses__():
        yield sub
        yield from _below(sub)
