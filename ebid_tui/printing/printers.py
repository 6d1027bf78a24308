"""The print server (CUPS) and its printers: which there are and what ails them, sending a page, what became of it, calling it off.

It is asked by IPP over its socket or port, not by its commands: `lpstat` words a cancelled job as a finished one, and PyCUPS
waits for a hung server for ever. Every question has a deadline. The page goes from memory to the server, through no file.
"""

from __future__ import annotations

import asyncio
import getpass
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

from ebid_tui.domain.text.cleaning import shown
from ebid_tui.errors import PrintError
from ebid_tui.messages import has, t
from ebid_tui.printing import ipp
from ebid_tui.printing.ipp import Attribute, Attributes, IppAnswer, Operation

if TYPE_CHECKING:
    import httpx

SOCKETS = (Path("/run/cups/cups.sock"), Path("/var/run/cups/cups.sock"))
PORT = 631
MOST = 4 * 1024 * 1024
"""Bytes of an answer that are read at most."""

STOPPED = 5
ENDS: Mapping[int, Literal["cancelled", "failed", "done"]] = {7: "cancelled", 8: "failed", 9: "done"}
HELD = 4
PRINTING = 5
"""printer-state and job-state of RFC 8011, 5.4.11 and 5.3.7."""

SILENT = ("none", "cups-", "job-", "printer-stopped", "processing-to-stop-point", "resources-are-not-ready")
"""Beginnings of reasons that tell a person nothing, or say again what the state says."""
SUFFIXES = ("-error", "-warning", "-report")


@dataclass(frozen=True, slots=True)
class Printer:
    """A queue. `reasons` are its printer-state-reasons; `default` is true for the one that the print server prefers."""

    name: str
    description: str = ""
    location: str = ""
    accepting: bool = True
    stopped: bool = False
    default: bool = False
    reasons: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """What people call it: description and place, or its name."""
        return "　".join(part for part in (self.description or self.name, self.location) if part)

    @property
    def troubles(self) -> tuple[str, ...]:
        """What is wrong with it, in words."""
        found = reasons_in_words(self.reasons)
        if not self.accepting:
            return (t("print.rejecting"), *found)
        return (t("print.stopped"), *found) if self.stopped and t("print.reason.paused") not in found else found


@dataclass(frozen=True, slots=True)
class PrintJob:
    """A page that was sent."""

    printer: str
    number: int


@dataclass(frozen=True, slots=True)
class PrintProgress:
    """How far a job is, and what keeps it up, in words."""

    state: Literal["waiting", "held", "printing", "done", "cancelled", "failed"]
    troubles: tuple[str, ...] = ()

    @property
    def over(self) -> bool:
        return self.state in ENDS.values()


def reasons_in_words(reasons: tuple[str, ...]) -> tuple[str, ...]:
    """Reasons in words; those that only report are left out, unknown ones are named as they are."""
    found = []
    for reason in reasons:
        if reason.startswith(SILENT) or reason.endswith("-report"):
            continue
        plain = next((reason.removesuffix(s) for s in SUFFIXES if reason.endswith(s)), reason)
        found.append(t(f"print.reason.{plain}") if has(f"print.reason.{plain}") else t("print.reason.other", reason=plain))
    return tuple(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class Cups:
    """A print server: `server` is a socket's path, `host[:port]` or `https://host[:port]`; empty: as CUPS's own programs find it.

    Every method raises PrintError: E-PRINT-SERVER (not there, silent for `deadline` seconds, or no print server),
    E-PRINT-REFUSED (it says no). Nothing is asked before a method is called.
    """

    server: str = ""
    deadline: float = 5.0
    user: str = field(default="")

    async def printers(self) -> tuple[Printer, ...]:
        """Every queue, the default first, then by name; none where there is none."""
        wanted = Attribute("keyword", "requested-attributes", WANTED_OF_PRINTERS)
        default = await self._ask("/", Operation.CUPS_GET_DEFAULT, (Attribute("keyword", "requested-attributes", ("printer-name",)),))
        preferred = next((_text(found, "printer-name") for found in default.of(PRINTER_GROUP)), "")
        listed = await self._ask("/", Operation.CUPS_GET_PRINTERS, (wanted,))
        if not listed.succeeded and listed.status != NOT_FOUND:
            raise _refused(listed)
        every = (_printer(found, preferred) for found in listed.of(PRINTER_GROUP) if _named_plainly(found))
        return tuple(sorted(every, key=lambda printer: (not printer.default, printer.name)))

    async def send(self, printer: str, title: str, document: bytes) -> PrintJob:
        """Send a PDF; it is queued when this returns."""
        job = (Attribute("keyword", "sides", ("one-sided",)), Attribute("keyword", "media", ("iso_a4_210x297mm",)))
        asked = (
            Attribute("uri", "printer-uri", (_uri(printer),)),
            Attribute("name", "requesting-user-name", (self._user(),)),
            Attribute("name", "job-name", (title,)),
            Attribute("mime", "document-format", ("application/pdf",)),
        )
        answer = await self._ask(_path(printer), Operation.PRINT_JOB, asked, job, document)
        number = next((found.get("job-id", (0,))[0] for found in answer.of(ipp.JOB_GROUP)), 0)
        if not answer.succeeded or not isinstance(number, int) or number < 1:
            raise _refused(answer)
        return PrintJob(printer, number)

    async def progress(self, job: PrintJob) -> PrintProgress:
        """How far it is; what the printer reports is told as long as the job is not over."""
        asked = (
            *self._named(job),
            Attribute("keyword", "requested-attributes", ("job-state", "job-state-reasons", "job-printer-state-reasons")),
        )
        answer = await self._ask(_path(job.printer), Operation.GET_JOB_ATTRIBUTES, asked)
        if answer.status == NOT_FOUND:
            return PrintProgress("done")  # a server that keeps no history forgets a job when it is printed
        if not answer.succeeded:
            raise _refused(answer)
        found = next(iter(answer.of(ipp.JOB_GROUP)), {})
        state = found.get("job-state", (0,))[0]
        reasons = _texts(found, "job-state-reasons")
        if isinstance(state, int) and state in ENDS:
            return PrintProgress(ENDS[state], reasons_in_words(reasons))
        if state == HELD:
            authentication = "cups-held-for-authentication" in reasons
            return PrintProgress("held", (t("print.authentication"),) if authentication else ())
        printer = next((p for p in await self.printers() if p.name == job.printer), None)
        return PrintProgress("printing" if state == PRINTING else "waiting", printer.troubles if printer else ())

    async def cancel(self, job: PrintJob) -> None:
        """Take it back; nothing happens to one that is over."""
        answer = await self._ask(_path(job.printer), Operation.CANCEL_JOB, self._named(job))
        if not answer.succeeded and answer.status not in (NOT_FOUND, NOT_POSSIBLE):
            raise _refused(answer)

    def _named(self, job: PrintJob) -> tuple[Attribute, ...]:
        return (
            Attribute("uri", "printer-uri", (_uri(job.printer),)),
            Attribute("integer", "job-id", (job.number,)),
            Attribute("name", "requesting-user-name", (self._user(),)),
        )

    def _user(self) -> str:
        try:
            return self.user or getpass.getuser()
        except (KeyError, OSError):  # a user without a name
            return str(os.getuid())

    async def _ask(
        self, path: str, operation: Operation, asked: tuple[Attribute, ...], job: tuple[Attribute, ...] = (), document: bytes = b""
    ) -> IppAnswer:
        import httpx  # 70 ms: only when something is printed

        body = ipp.request(operation, asked, job, document)
        base, socket = _place(self.server)
        try:
            async with asyncio.timeout(self.deadline):
                async with _client(base, socket) as client:
                    status, data = await _posted(client, path, body, {})
                    if status == UNAUTHORIZED and socket:
                        # Who speaks over the socket is known to the server; it only wants to hear the name (CUPS, "PeerCred").
                        status, data = await _posted(client, path, body, {"Authorization": f"PeerCred {self._user()}"})
        except (TimeoutError, httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise PrintError(type(error).__name__, code="E-PRINT-SERVER") from None
        if status in (UNAUTHORIZED, FORBIDDEN):
            raise PrintError(f"HTTP {status}", code="E-PRINT-REFUSED", reason=t("print.not_allowed"))
        if status != OK:
            raise PrintError(f"HTTP {status}", code="E-PRINT-SERVER")
        try:
            return ipp.answer(data)
        except ipp.MalformedIpp as error:
            raise PrintError(str(error), code="E-PRINT-SERVER") from None


OK, UNAUTHORIZED, FORBIDDEN = 200, 401, 403
NOT_POSSIBLE, NOT_FOUND, NOT_ACCEPTING = 0x0404, 0x0406, 0x0506
"""Status codes of HTTP and of IPP (RFC 8011, B.1)."""

PRINTER_GROUP = 0x04
WANTED_OF_PRINTERS = (
    "printer-name",
    "printer-info",
    "printer-location",
    "printer-state",
    "printer-state-reasons",
    "printer-is-accepting-jobs",
)


def _place(server: str) -> tuple[str, str]:
    """The base URL and, where it is one, the socket's path."""
    wanted = server or os.environ.get("CUPS_SERVER", "")
    if not wanted:
        wanted = next((str(path) for path in SOCKETS if path.is_socket()), "localhost")
    if wanted.startswith("/"):
        return "http://localhost", wanted
    scheme, separator, host = wanted.rpartition("://")
    host = host.rstrip("/").partition("/")[0]
    named = ":" in host.rpartition("]")[2]
    return f"{scheme if separator else 'http'}://{host if named else f'{host}:{PORT}'}", ""


def _client(base: str, socket: str) -> httpx.AsyncClient:
    import ssl

    import httpx

    context: ssl.SSLContext | bool = ssl.create_default_context() if base.startswith("https:") else False
    transport = httpx.AsyncHTTPTransport(uds=socket or None, verify=context)
    return httpx.AsyncClient(base_url=base, transport=transport, timeout=None, trust_env=False)


async def _posted(client: httpx.AsyncClient, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
    async with client.stream("POST", path, content=body, headers={"Content-Type": "application/ipp", **headers}) as response:
        data = bytearray()
        async for chunk in response.aiter_bytes():
            data += chunk
            if len(data) > MOST:
                raise PrintError("too long", code="E-PRINT-SERVER")
        return response.status_code, bytes(data)


def _path(printer: str) -> str:
    return f"/printers/{quote(printer, safe='')}"


def _uri(printer: str) -> str:
    return f"ipp://localhost{_path(printer)}"


def _refused(answer: IppAnswer) -> PrintError:
    """What the server says no with; its own words are for the log, ours for the person."""
    words = next((_text(found, "status-message") for found in answer.of(ipp.OPERATION_GROUP)), "")
    reason = {NOT_ACCEPTING: t("print.rejecting"), NOT_FOUND: t("print.unknown_printer")}.get(answer.status)
    return PrintError(f"{answer.status:#06x} {words}", code="E-PRINT-REFUSED", reason=reason or words or f"{answer.status:#06x}")


def _printer(found: Attributes, preferred: str) -> Printer:
    name = _text(found, "printer-name")
    description = _text(found, "printer-info")
    return Printer(
        name,
        "" if description == name else description,
        _text(found, "printer-location"),
        accepting=found.get("printer-is-accepting-jobs", (True,))[0] is True,
        stopped=found.get("printer-state", (0,))[0] == STOPPED,
        default=name == preferred,
        reasons=_texts(found, "printer-state-reasons"),
    )


def _named_plainly(found: Attributes) -> bool:
    """A queue whose name is not what would be shown of it is none to send to: another one may be called so."""
    raw = found.get("printer-name", ("",))[0]
    return raw != "" and raw == _text(found, "printer-name")


def _text(found: Attributes, name: str) -> str:
    return next(iter(_texts(found, name)), "")


def _texts(found: Attributes, name: str) -> tuple[str, ...]:
    """The attribute's texts, as they may be shown (RFC 8011, 5.1.2: a `text` or `name` may hold anything)."""
    return tuple(shown(value) for value in found.get(name, ()) if isinstance(value, str))
