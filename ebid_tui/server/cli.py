"""`ebid-tui serve`: the reference server."""

from __future__ import annotations

import argparse
import gc
import logging
import re
import ssl
import sys
from collections.abc import Sequence
from dataclasses import fields
from datetime import time, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ebid_tui.domain.addresses import is_loopback, origin_at, origin_of
from ebid_tui.domain.text.cleaning import shown
from ebid_tui.errors import EbidError, ServerError
from ebid_tui.messages import t
from ebid_tui.process.option_values import saying, whole
from ebid_tui.server.mail import smtp_options
from ebid_tui.server.running import logs
from ebid_tui.server.running.logs import LEVELS

if TYPE_CHECKING:
    from ebid_tui.server.running.serving import ListenAddress
    from ebid_tui.server.settings import Overnight

TIME = re.compile(r"[0-2][0-9]:[0-5][0-9]")
PORT = re.compile(r"[0-9]{1,5}")
LAST_PORT = 65535
EVERYWHERE = ("0.0.0.0", "::")


def parser() -> argparse.ArgumentParser:
    """The command line of `serve`. An option whose `dest` is a setting's name (`server.settings.ServerSettings`) is that setting."""
    made = argparse.ArgumentParser(prog="ebid-tui serve", description=t("server.serve"))
    add, several = made.add_argument, partial(made.add_argument, action="append", default=[])
    add("--database", metavar="URL", required=True, help=t("server.serve_database"))
    where = made.add_mutually_exclusive_group()
    where.add_argument("--listen", metavar="HOST:PORT", default="127.0.0.1:8443", help=t("server.serve_listen"))
    where.add_argument("--uds", metavar="PATH", type=Path, help=t("server.serve_uds"))
    several("--origin", metavar="URL", help=t("server.serve_origin"))
    add("--trust", metavar="DIR", type=Path, required=True, help=t("server.serve_trust"))
    several("--revocation-host", metavar="HOST", help=t("server.serve_revocation_host"))
    several("--systems-directory", dest="system_directories", metavar="DIR", type=Path, help=t("server.serve_systems"))
    several("--systems-dir", dest="system_directories", metavar="DIR", type=Path, help=argparse.SUPPRESS)
    add("--strict", action="store_true", help=t("server.serve_strict"))
    add("--always-open", dest="enforce_hours", action="store_false", help=t("server.serve_always_open"))
    add("--tls-certificate", metavar="FILE", type=Path, help=t("server.serve_tls"))
    add("--tls-key", metavar="FILE", type=Path, help=t("server.serve_tls"))
    add("--no-overnight", action="store_true", help=t("server.serve_overnight"))
    several("--propagate-at", metavar="HH:MM", type=saying(_time, "server.serve_time"), help=t("server.serve_propagate_at"))
    add("--mail-every", metavar="SECONDS", type=whole(1), default=60, help=t("server.serve_mail_every"))
    several("--trusted-proxy", dest="trusted_proxies", metavar="NETWORK", help=t("server.serve_trusted_proxy"))
    several("--kiosk-address", dest="kiosk_addresses", metavar="NETWORK", help=t("server.serve_kiosk_address"))
    add(
        "--connections-per-address",
        dest="connections_an_address",
        metavar="N",
        type=whole(1),
        default=100,
        help=t("server.serve_connections"),
    )
    add("--secret-key-file", metavar="FILE", type=Path, help=t("server.serve_secret_key"))
    add("--desk-approval", action="store_true", help=t("server.serve_desk_approval"))
    add("--metrics", metavar="HOST:PORT", help=t("server.serve_metrics"))
    add("--log-format", choices=("text", "json"), default="text", help=t("server.serve_log_format"))
    add("--log-level", choices=LEVELS, default="info", help=t("server.serve_log_level"))
    smtp_options.add(made)
    return made


def main(argv: Sequence[str]) -> int:
    """Serve until stopped. 0 after an orderly stop, 1 if it could not start, 2 for a wrong command line."""
    arguments = parser().parse_args(argv)
    gc.disable()  # until it listens (running/serving.py): 80 ms
    try:
        return serve(arguments)
    except EbidError as error:
        print(f"{error.code} {error.title}\n{error.remedy}", file=sys.stderr)
        return 1
    finally:
        gc.enable()


def serve(arguments: argparse.Namespace) -> int:
    """Raises EbidError for what stands in the way."""
    host, port = _address(arguments.listen)
    tls = _tls(arguments.tls_certificate, arguments.tls_key)
    if arguments.uds is None and not tls and not is_loopback(host):
        raise EbidError(code="E-PLAIN-HTTP", host=host)
    metrics_at = _metrics_address(arguments.metrics) if arguments.metrics else None
    logs.configure(arguments.log_format, arguments.log_level)

    # 0.7 s of imports, not wanted for --help or a wrong command line.
    from ebid_tui.server.api.limits import refuse_no_networks, refuse_unknown_proxies
    from ebid_tui.server.app import create_app, import_all
    from ebid_tui.server.operators import secret_keys
    from ebid_tui.server.pki import anchor_files
    from ebid_tui.server.running import metrics
    from ebid_tui.server.running.serving import ListenAddress, run
    from ebid_tui.server.settings import RevocationSettings, ServerSettings
    from ebid_tui.server.store.migrate import make_ready
    from ebid_tui.server.store.transactions import database_errors

    refuse_unknown_proxies(arguments.trusted_proxies)
    refuse_no_networks(arguments.kiosk_addresses)
    where = ListenAddress(uds=arguments.uds, host=host, port=port, certificate=arguments.tls_certificate, key=arguments.tls_key)
    origins = _origins(arguments.origin, where)
    given = ((setting.name, vars(arguments)[setting.name]) for setting in fields(ServerSettings) if setting.name in arguments)
    named: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in given}
    settings = ServerSettings(
        **named,
        origins=origins,
        overnight=_overnight(arguments),
        secret_keys=secret_keys.read(arguments.secret_key_file) if arguments.secret_key_file else (),
        revocation=RevocationSettings(hosts=tuple(arguments.revocation_host)),
        anchors=anchor_files.load(arguments.trust),
    )
    with database_errors():
        make_ready(settings.database)
    log = logging.getLogger("ebid_tui.server")
    import_all()
    app = create_app(settings)
    with metrics.serve_metrics(app, metrics_at):
        served = run(app, where, lambda _: log.info("listening origins=%s", ",".join(origins)))
    return 0 if served else 1


def _origins(given: Sequence[str], where: ListenAddress) -> tuple[str, ...]:
    """By which names it goes: those given, as clients write them, else where it listens. Raises EbidError E-ORIGIN-URL, E-LISTEN-ORIGIN."""
    if not given and where.uds is not None:
        return ("http://localhost",)
    if not given:
        at = origin_at("https" if where.certificate else "http", where.host, where.port)
        if not where.port or where.host in EVERYWHERE:
            # Nobody can connect to such a name, and whoever connects by another cannot sign in.
            raise EbidError(code="E-LISTEN-ORIGIN", listen=at)
        return (at,)
    origins = []
    for url in given:
        try:
            origin = origin_of(url)
            if url.removesuffix("/").count("/") > 2 or "?" in url or "#" in url:
                raise ServerError(code="E-ORIGIN")
        except ServerError:
            raise EbidError(code="E-ORIGIN-URL", origin=shown(url)) from None
        origins.append(origin)
    return tuple(origins)


def _metrics_address(listen: str) -> tuple[str, int]:
    """Raises EbidError E-LISTEN, and E-PLAIN-HTTP for an address that others reach: the numbers are for the machine's own eyes."""
    host, port = _address(listen)
    if not is_loopback(host):
        raise EbidError(code="E-PLAIN-HTTP", host=host)
    return host, port


def _tls(certificate: Path | None, key: Path | None) -> bool:
    """Whether TLS is wanted. Raises EbidError E-TLS for one file without the other, and for files that cannot be used."""
    if certificate is None and key is None:
        return False
    if certificate is None or key is None:
        raise EbidError(code="E-TLS", reason=t("server.tls_both"))
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key)
    except OSError as error:
        raise EbidError(code="E-TLS", reason=error.strerror or type(error).__name__) from None
    return True


def _overnight(arguments: argparse.Namespace) -> Overnight | None:
    """Raises EbidError for SMTP options that cannot be used."""
    from ebid_tui.server.settings import Overnight

    smtp = smtp_options.smtp(arguments)
    if arguments.no_overnight:
        return None
    times = {"propagate_at": tuple(arguments.propagate_at)} if arguments.propagate_at else {}
    return Overnight(mail_every=timedelta(seconds=arguments.mail_every), smtp=smtp, **times)


def _time(text: str) -> time:
    if not TIME.fullmatch(text):
        raise ValueError
    return time.fromisoformat(text)


def _address(listen: str) -> tuple[str, int]:
    """Raises EbidError E-LISTEN."""
    host, _, port = listen.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    host = host[1:-1] if bracketed else host
    if not host or "[" in host or "]" in host or not PORT.fullmatch(port) or int(port) > LAST_PORT:
        raise EbidError(listen, code="E-LISTEN", listen=shown(listen))
    return host, int(port)
