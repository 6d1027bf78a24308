"""Turns whatever a parser raises on bytes from outside into one refusal, for certification paths, CRLs and OCSP answers.

ASN.1 is only read when it is asked for, deep inside libraries that say of few errors which they raise (NotImplementedError for a
name they cannot compare, RecursionError for one that is nested, OverflowError for a date). None of these is a fault of this
program, and none may leave as one: whatever cannot be read is refused.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

EXPECTED = (ValueError, TypeError, KeyError, OverflowError, NotImplementedError, RecursionError)
"""What spoilt bytes raise; anything else is logged louder, for somebody should look at it."""

log = logging.getLogger("ebid_tui.server.pki")


@contextmanager
def refusing(refusal: Callable[[str], Exception]) -> Iterator[None]:
    """Inside, whatever is raised becomes a `refusal`, made with the error's kind; a refusal of that kind itself passes as it is.

    For work on bytes alone: a database or a network that is away is no refusal. Logged by kind only, for the text may hold
    names of a certificate's holder.
    """
    try:
        yield
    except Exception as error:
        made = refusal(type(error).__name__)
        if isinstance(error, type(made)):
            raise
        level = logging.INFO if isinstance(error, EXPECTED) else logging.WARNING
        log.log(level, "refused what cannot be read kind=%s", type(error).__name__)
        raise made from error
