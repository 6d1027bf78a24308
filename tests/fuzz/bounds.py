"""How much is tried, and what it may cost: some hundred examples in `make test`, minutes of them by `make fuzz` (FUZZ_EXAMPLES)."""

from __future__ import annotations

import os
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager

from hypothesis import HealthCheck, settings

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "150"))
SECONDS = 2.0
MEMORY = 16 << 20

bounded = settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), database=None)


@contextmanager
def cheap() -> Iterator[None]:
    """What is done in here takes neither long nor much room."""
    begun = time.process_time()
    yield
    assert time.process_time() - begun < SECONDS, "it took too long"


@contextmanager
def small() -> Iterator[None]:
    """The same for memory; ten times slower."""
    tracemalloc.start()
    try:
        with cheap():
            yield
        assert tracemalloc.get_traced_memory()[1] < MEMORY, "it took too much memory"
    finally:
        tracemalloc.stop()
