"""Requests made up from the description, right and wrong ones: by one seed, so that they are made once and sent by whoever asks.

Importing this takes half a second of every process; whoever collects tests need not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import hypothesis
import schemathesis
from hypothesis import HealthCheck, Phase, given
from requests.structures import CaseInsensitiveDict
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.transport.requests import ManagedCookiesSession

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
Case = schemathesis.Case[Any]
OURS = ("authorization", "origin")
"""Who asks is for the test to say."""
EXAMPLES = 12
"""Of each route, for each of who asks."""


def of_every_route(description: dict[str, Any]) -> list[list[Case]]:
    """By route, in the order of the description; to be copied with `again`."""
    made = []
    for found in schemathesis.openapi.from_dict(description).get_all_operations():
        assert isinstance(found, Ok)
        made.append(_of(found.ok()))
    return made


def _of(operation: Any) -> list[Case]:
    made: list[Case] = []

    @hypothesis.seed(20250401)
    @hypothesis.settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        derandomize=False,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        case=operation.as_strategy(generation_mode=schemathesis.GenerationMode.POSITIVE)
        | operation.as_strategy(generation_mode=schemathesis.GenerationMode.NEGATIVE)
        if operation.body or list(operation.iter_parameters())
        else operation.as_strategy()
    )
    def run(case: Case) -> None:
        made.append(case)

    run()
    assert made
    return made


def again(case: Case) -> Case:
    """The same request, to be altered and sent: a case keeps what became of it."""
    return Case(
        operation=case.operation,
        method=case.method,
        path=case.path,
        path_parameters=deepcopy(case.path_parameters),
        headers=case.headers.copy(),
        cookies=deepcopy(case.cookies),
        query=deepcopy(case.query),
        body=deepcopy(case.body),
        media_type=case.media_type,
        multipart_content_types=case.multipart_content_types,
        meta=deepcopy(case._meta),
    )


@contextmanager
def sender(base: str, headers: dict[str, str]) -> Iterator[Callable[[Case], int]]:
    """Sends over one connection, with no cookie, proxy or header of its own; what comes back has to be as described. Gives the status."""
    with ManagedCookiesSession() as session:
        session.trust_env = False
        session.headers.clear()

        def send(case: Case) -> int:
            case.headers = CaseInsensitiveDict({name: value for name, value in case.headers.items() if name.lower() not in OURS})
            answer = case.call(base_url=base, session=session, headers=headers)
            case.validate_response(answer, checks=CHECKS)
            return answer.status_code

        yield send
