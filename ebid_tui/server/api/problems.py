"""Refusals as problem+json (RFC 9457) with the rule's code. Nothing else ever leaves when something goes wrong."""

from __future__ import annotations

import http
import logging
from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.openapi import ResponseSpec
from litestar.types import ExceptionHandlersMap, Send
from sqlalchemy.exc import DataError, SQLAlchemyError

from ebid_tui.domain.records import ProblemRow, Refusal
from ebid_tui.errors import EbidError, InputError, ServerError
from ebid_tui.process.traces import places
from ebid_tui.server.store.engine import is_trouble

log = logging.getLogger("ebid_tui.server")
security = logging.getLogger("ebid_tui.server.security")
"""Statements that no client of ours makes. Says which check refused it and from where, never what was in it."""

MEDIA_TYPE = "application/problem+json"

RETRY_AFTER = 2
"""Seconds after which a client may ask again when the database was away, or too many were there."""

STATUSES: Mapping[str, int] = {
    "E-BODY": 400,
    "E-KEY-MISSING": 400,
    "E-SESSION": 401,
    "E-ORIGIN": 403,
    "E-SIGNATURE": 403,
    "E-NOT-FOUND": 404,
    "E-NOT-REGISTERED": 404,
    "E-NO-ACCOUNT": 404,
    "E-METHOD": 405,
    "E-SLOW": 408,
    "E-NONCE": 409,
    "E-SEARCH-FIRST": 409,
    "E-STATEMENT": 409,
    "E-TOO-LARGE": 413,
    "E-TARGET": 414,
    "E-MEDIA": 415,
    "E-APPROVER": 403,
    "E-CARD-ONLY": 403,
    "E-OPERATOR": 403,
    "E-ROLE": 403,
    "E-STATE": 409,
    "E-WAITING": 409,
    "E-CLOCK": 422,
    "E-ELSEWHERE": 422,
    "E-INPUT": 422,
    "E-KEY-REUSED": 422,
    "E-TOO-MANY": 429,
    "E-HEADERS": 431,
    "E-SERVER": 500,
    "E-BUSY": 503,
    "E-NOT-READY": 503,
    "E-UNKNOWN": 500,
    "E-REVOCATION": 503,
    "E-UNAVAILABLE": 503,
    "R-05": 409,
    "R-11": 403,
    "R-23": 403,
    "R-24": 409,
    "R-28": 404,
    "R-30": 409,
    "R-33": 423,
    "R-34": 403,
}
"""HTTP statuses by code; every other rule answers 422."""

OTHER_RULES = ("R-03", "R-06", "R-08", "R-09", "R-10", "R-15", "R-18", "R-22", "R-35", "R-36", "E-CERT", "E-PASSWORD-EXPIRED")
"""What answers 422 beside what stands in `STATUSES`."""

_BY_STATUS: Mapping[int, str] = {400: "E-BODY", 404: "E-NOT-FOUND", 405: "E-METHOD", 413: "E-TOO-LARGE", 415: "E-MEDIA"}
_CODE = "ebid.code"
"""Where a request's scope says which code it was refused with."""


def refuses(*statuses: int) -> dict[int, ResponseSpec]:
    """What a route's description says of its refusals, beside those that every route has."""
    every = sorted({*statuses, 400, 403, 408, 414, 422, 431, 500, 503} | ({415} if 413 in statuses else set()))
    return {status: ResponseSpec(Refusal, False, _meaning(status), MEDIA_TYPE) for status in every}


def _meaning(status: int) -> str:
    return ", ".join(codes(status))


def codes(status: int) -> tuple[str, ...]:
    """The codes behind a status."""
    return tuple(code for code, answered in STATUSES.items() if answered == status) + (OTHER_RULES if status == 422 else ())


def refusal(error: EbidError) -> Refusal:
    """What is told of an error: no argument of it but the code, its sentences and the fields' problems."""
    rows = tuple(ProblemRow(field=f, code=c, message=m) for f, c, m in error.problems) if isinstance(error, InputError) else ()
    return Refusal(
        type=f"urn:ebid-tui:problem:{error.code}",
        title=error.title,
        status=STATUSES.get(error.code, 422),
        code=error.code,
        remedy=error.remedy,
        causes=error.causes,
        tries_left=left if isinstance(left := error.values.get("tries_left"), int) else None,
        errors=rows,
    )


def remember(scope: Any, code: str) -> None:
    """For the log and the numbers: this is what the request was refused with."""
    scope[_CODE] = code


def code_of(scope: Any) -> str:
    """What the request was refused with; empty where it was not."""
    return str(scope.get(_CODE, ""))


def route_of(scope: Any) -> str:
    """The template of the path that was asked for; what stands in the path may be personal data."""
    return str(scope.get("path_template") or "-")


def bare(code: str) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """A refusal for where there is no request yet: status, headers, body."""
    told = refusal(ServerError(code=code, retry_after=RETRY_AFTER))
    headers = [(b"content-type", MEDIA_TYPE.encode())]
    if told.status in (429, 503):
        headers.append((b"retry-after", str(RETRY_AFTER).encode()))
    return told.status, headers, msgspec.json.encode(told)


async def refuse_at_once(scope: Any, send: Send, code: str) -> None:
    """Answer with a refusal before anything of the application is asked, and close the connection."""
    status, headers, body = bare(code)
    remember(scope, code)
    further = [(b"content-length", str(len(body)).encode()), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": [*headers, *further]})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def reason(status: int) -> bytes:
    """The phrase of a status line."""
    return http.HTTPStatus(status).phrase.encode()


def _answer(request: Request[Any, Any, Any], error: EbidError, further: Mapping[str, str] | None = None) -> Response[Refusal]:
    told = refusal(error)
    remember(request.scope, told.code)
    headers = {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": str(RETRY_AFTER)}}.get(told.status, {})
    if "retry_after" in error.values:
        headers = {"Retry-After": str(error.values["retry_after"])}
    return Response(told, status_code=told.status, media_type=MEDIA_TYPE, headers={**headers, **(further or {})})


def _ours(request: Request[Any, Any, Any], error: EbidError) -> Response[Refusal]:
    if error.code == "E-SIGNATURE":
        security.warning("forged route=%s reason=%s", route_of(request.scope), error.detail)
    return _answer(request, error)


def _http(request: Request[Any, Any, Any], error: HTTPException) -> Response[Refusal]:
    """What the framework refused: bodies that do not fit, unknown paths and methods."""
    code = _BY_STATUS.get(error.status_code, "E-BODY" if error.status_code < 500 else "E-SERVER")
    # RFC 9110 section 15.5.6: whoever refuses a method says which ones there are.
    methods = {method for name, value in (error.headers or {}).items() if name.lower() == "allow" for method in value.split(", ")}
    allowed = {"Allow": ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set())))} if methods else None
    return _answer(request, ServerError(code=code), allowed)


def _too_deep(request: Request[Any, Any, Any], _error: RecursionError) -> Response[Refusal]:
    """JSON nested deeper than anybody means."""
    return _answer(request, ServerError(code="E-BODY"))


def _database(request: Request[Any, Any, Any], error: SQLAlchemyError) -> Response[Refusal]:
    """A database that is gone, full or too slow (the same request may be sent again), or that cannot keep what it was given."""
    if isinstance(error, DataError):
        return _answer(request, ServerError(code="E-BODY"))
    if not is_trouble(error):
        return _unexpected(request, error)
    cause = getattr(error, "orig", None) or error
    log.error("database error=%s code=%s route=%s", type(cause).__name__, _code(cause), route_of(request.scope))
    return _answer(request, ServerError(code="E-UNAVAILABLE"))


def _code(cause: object) -> str:
    """The database's own code of an error, which holds no values."""
    return str(getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", None) or "-")


def _unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[Refusal]:
    """A defect. The log names where, never what: arguments may be personal data."""
    log.error("failed error=%s route=%s at=%s", type(error).__name__, route_of(request.scope), places(error.__traceback__))
    return _answer(request, ServerError())


HANDLERS: ExceptionHandlersMap = {
    EbidError: _ours,
    HTTPException: _http,
    RecursionError: _too_deep,
    SQLAlchemyError: _database,
    Exception: _unexpected,
}
