"""The command line's SMTP options, for `serve` and for `admin send-mail`. User and password are never among them."""

from __future__ import annotations

import argparse
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from ebid_tui.domain.addresses import is_loopback
from ebid_tui.errors import EbidError
from ebid_tui.messages import t
from ebid_tui.process.option_values import saying, whole

if TYPE_CHECKING:
    from ebid_tui.server.settings import Smtp

PORTS = {"starttls": 587, "tls": 465, "none": 25}
LONGEST_LOGIN = 4096


def add(parser: argparse.ArgumentParser, *, required: bool = False) -> None:
    """Add the options."""
    parser.add_argument("--smtp-host", metavar="HOST", required=required, help=t("admin.smtp_host"))
    parser.add_argument("--smtp-port", metavar="PORT", type=whole(1, 65535), help=t("admin.smtp_port"))
    parser.add_argument("--smtp-security", choices=tuple(PORTS), default="starttls", help=t("admin.smtp_security"))
    parser.add_argument("--smtp-ca", metavar="FILE", type=Path, help=t("admin.smtp_ca"))
    parser.add_argument("--smtp-from", metavar="ADDRESS", required=required, help=t("admin.smtp_from"))
    parser.add_argument(
        "--smtp-timeout", metavar="SECONDS", type=saying(float, "admin.smtp_seconds"), default=30.0, help=t("admin.smtp_timeout")
    )
    login = parser.add_mutually_exclusive_group()
    login.add_argument("--smtp-login-file", metavar="FILE", type=Path, help=t("admin.smtp_login_file"))
    login.add_argument("--smtp-login-fd", metavar="N", type=whole(), help=t("admin.smtp_login_fd"))


def smtp(arguments: argparse.Namespace) -> Smtp | None:
    """The settings; None where no host was given. Raises EbidError E-SMTP-FROM, E-SMTP-LOGIN, E-SMTP-PLAIN, E-SMTP."""
    from ebid_tui.server.settings import Smtp

    if arguments.smtp_host is None:
        return None
    sender = arguments.smtp_from or ""
    if not _is_address(sender):
        raise EbidError(code="E-SMTP-FROM")
    if arguments.smtp_ca is not None and not arguments.smtp_ca.is_file():
        raise EbidError(code="E-SMTP", reason=f"--smtp-ca {arguments.smtp_ca}")
    user, password = _login(arguments)
    if user and arguments.smtp_security == "none" and not is_loopback(arguments.smtp_host):
        raise EbidError(code="E-SMTP-PLAIN", host=arguments.smtp_host)
    return Smtp(
        host=arguments.smtp_host,
        port=arguments.smtp_port or PORTS[arguments.smtp_security],
        security=arguments.smtp_security,
        authorities=arguments.smtp_ca,
        sender=sender,
        user=user,
        password=password,
        timeout=max(arguments.smtp_timeout, 0.1),
    )


def _is_address(text: str) -> bool:
    local, _, domain = text.rpartition("@")
    return bool(local and domain) and text.isascii() and text.isprintable() and not set(text) & set(' <>,;:"\\')


def _login(arguments: argparse.Namespace) -> tuple[str, str]:
    """User and password; both empty where neither a file nor a descriptor was given."""
    if arguments.smtp_login_file is None and arguments.smtp_login_fd is None:
        return "", ""
    try:
        if arguments.smtp_login_file is not None:
            descriptor = os.open(arguments.smtp_login_file, os.O_RDONLY | os.O_NONBLOCK)
            _refuse_open_to_all(descriptor)
        else:
            descriptor = arguments.smtp_login_fd
        with open(descriptor, encoding="utf-8") as stream:
            lines = stream.read(LONGEST_LOGIN).splitlines()
    except (OSError, ValueError, OverflowError) as error:
        raise EbidError(code="E-SMTP-LOGIN", reason=getattr(error, "strerror", None) or type(error).__name__) from None
    if len(lines) < 2 or not lines[0] or not lines[1]:
        raise EbidError(code="E-SMTP-LOGIN", reason=f"{len(lines)}/2")
    return lines[0], lines[1]


def _refuse_open_to_all(descriptor: int) -> None:
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode) and mode & stat.S_IRWXO:
        os.close(descriptor)
        raise EbidError(code="E-SMTP-LOGIN", reason=stat.filemode(mode))
