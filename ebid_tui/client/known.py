"""What the bidders' and the desk's clients share: which server they ask, its clock, and the challenges that a card signs."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import ClassVar

from ebid_tui.client.http_request import LARGEST, Wire
from ebid_tui.client.session import Session
from ebid_tui.domain.addresses import on_loopback, origin_of, refuse_other_name
from ebid_tui.domain.records import Challenge, Clock
from ebid_tui.errors import ServerError


class KnownServer:
    """Requests go one at a time, as a person's do; nothing is kept on disk."""

    LARGEST: ClassVar[int] = LARGEST
    """Bytes that an answer may have."""

    def __init__(
        self,
        base_url: str,
        origin: str | None = None,
        socket: str | None = None,
        allowed_origins: Collection[str] = (),
        authorities: str | None = None,
        patience: float | None = None,
        whole: float | None = None,
    ) -> None:
        """`origin` is the server's name in statements, where it is not the address asked; `socket` a unix socket's path.

        `allowed_origins` is the settings' list (許可URL): a server that is not on it is never asked, ServerError E-ORIGIN;
        E-SERVER-URL where an address is none.
        `authorities` is a file of certificates (PEM) to trust in the place of the machine's. `patience`, `whole`: seconds that an
        answer may keep one waiting, and that all of it may take, where they are not 10 and 30.
        """
        self._origin = origin_of(origin or base_url)
        if self._origin not in {origin_of(allowed, "allowed_origins") for allowed in allowed_origins}:
            raise ServerError(code="E-ORIGIN")
        if socket is None and origin is not None and origin_of(base_url) != self._origin and not on_loopback(base_url):
            raise ServerError(code="E-ORIGIN")
        self._wire = Wire(base_url, socket, authorities, patience, whole, self.LARGEST)
        self._session = Session()

    @property
    def origin(self) -> str:
        return self._origin

    async def clock(self) -> datetime:
        """The server's time, aware, in Japan time (R-01). ServerError E-ORIGIN-OTHER where it goes by another name, before any PIN."""
        answer = await self._wire.ask("GET", "/clock", Clock)
        refuse_other_name(self._origin, answer.origins)
        return answer.now

    async def challenge(self, system: str, agency: str = "") -> Challenge:
        """A nonce for a card to sign. Errors as `clock`; RuleError R-22 where an agency is named and closed."""
        answer = await self._wire.ask("POST", "/challenges", Challenge, {"system": system, "agency": agency})
        refuse_other_name(self._origin, answer.origins)
        return answer

    async def close(self) -> None:
        """Close the connections; the next request opens them again."""
        await self._wire.close()
