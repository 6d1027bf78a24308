"""Who is signed in: the token of the server's session, kept in memory only."""

from __future__ import annotations

from dataclasses import dataclass, field

from ebid_tui.errors import SessionGone


@dataclass(slots=True)
class ClientSession:
    """At most one sign-in at a time. The token is in no repr."""

    _token: str = field(default="", repr=False)

    def begin(self, token: str) -> None:
        self._token = token

    def end(self) -> None:
        self._token = ""

    @property
    def signed_in(self) -> bool:
        return bool(self._token)

    @property
    def header(self) -> dict[str, str]:
        """The Authorization header (RFC 6750). Raises SessionGone when nobody is signed in."""
        if not self._token:
            raise SessionGone()
        return {"Authorization": f"Bearer {self._token}"}
