"""Refusals as problem+json (RFC 9457) with the rule's code. Nothing else ever leaves when something goes wrong."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.openapi import ResponseSpec
from litestar.types import ExceptionHandlersMap

from ebid_tui.domain.records import ProblemRow, Refusal
from ebid_tui.errors import EbidError, InputError, ServerError

log = logging.getLogger("ebid_tui.server")
security = logging.getLogger("ebid_tui.server.security")
"""Statements that no client of ours makes. Says which check refused it and from where, never what was in it."""

MEDIA_TYPE = "application/problem+json"

STATUSES: Mapping[str, int] = {
    "E-BODY": 400,
    "E-KEY-MISSING": 400,
    "E-SESSION": 401,
    "E-ORIGIN": 403,
    "E-SIGNATURE": 403,
    "E-NOT-FOUND": 404,
    "E-NOT-REGISTERED": 404,
    "E-METHOD": 405,
    "E-NONCE": 409,
    "E-SEARCH-FIRST": 409,
    "E-STATEMENT": 409,
    "E-TOO-LARGE": 413,
    "E-MEDIA": 415,
    "E-CLOCK": 422,
    "E-ELSEWHERE": 422,
    "E-INPUT": 422,
    "E-KEY-REUSED": 422,
    "E-SERVER": 500,
    "E-UNKNOWN": 500,
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

_BY_STATUS: Mapping[int, str] = {400: "E-BODY", 404: "E-NOT-FOUND", 405: "E-METHOD", 413: "E-TOO-LARGE", 415: "E-MEDIA"}


def refuses(*statuses: int) -> dict[int, ResponseSpec]:
    """What a route's description says of its refusals, beside those that every route has."""
    every = sorted({*statuses, 403, 500})
    return {status: ResponseSpec(Refusal, False, _meaning(status), MEDIA_TYPE) for status in every}


def _meaning(status: int) -> str:
    """The codes behind a status."""
    return ", ".join(code for code, answered in STATUSES.items() if answered == status) or "a rule says no"


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
        errors=rows,
    )


def _answer(error: EbidError) -> Response[Refusal]:
    told = refusal(error)
    headers = {"WWW-Authenticate": "Bearer"} if told.status == 401 else {}
    return Response(told, status_code=told.status, media_type=MEDIA_TYPE, headers=headers)


def _ours(request: Request[Any, Any, Any], error: EbidError) -> Response[Refusal]:
    if error.code == "E-SIGNATURE":
        security.warning("forged path=%s reason=%s", request.url.path, error.detail)
    else:
        log.info("refused code=%s", error.code)
    return _answer(error)


def _http(_request: Request[Any, Any, Any], error: HTTPException) -> Response[Refusal]:
    """What the framework refused: bodies that do not fit, unknown paths and methods."""
    code = _BY_STATUS.get(error.status_code, "E-BODY" if error.status_code < 500 else "E-SERVER")
    log.info("refused code=%s", code)
    return _answer(ServerError(code=code))


def _too_deep(_request: Request[Any, Any, Any], _error: RecursionError) -> Response[Refusal]:
    """JSON nested deeper than anybody means."""
    log.info("refused code=E-BODY")
    return _answer(ServerError(code="E-BODY"))


def _unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[Refusal]:
    """A defect, or a database that is gone. The log names where, never what: arguments may be personal data."""
    trace, places = error.__traceback__, []
    while trace is not None:
        places.append(f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}")
        trace = trace.tb_next
    log.error("failed error=%s path=%s at=%s", type(error).__name__, request.url.path, ">".join(places[-6:]))
    return _answer(ServerError())


HANDLERS: ExceptionHandlersMap = {EbidError: _ours, HTTPException: _http, RecursionError: _too_deep, Exception: _unexpected}
