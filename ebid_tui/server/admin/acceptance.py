"""`admin accept`: what waits for its acceptance is listed, accepted or refused without the desk."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ebid_tui.errors import EbidError, InputError
from ebid_tui.messages import t
from ebid_tui.server.admin.command import LOOK, command, database, opened, profile, snapshot, system

if TYPE_CHECKING:
    from ebid_tui.server.admin.command import Commands

ACTOR = "admin"
"""Who acted, in the audit rows."""


def add(commands: Commands) -> None:
    """Hook the command in."""
    made = command(commands, "accept", t("admin.accept"), _accept)
    database(made)
    system(made)
    made.add_argument("ids", metavar="ID", nargs="*", help=t("admin.accept_ids"))
    way = made.add_mutually_exclusive_group()
    way.add_argument("--list", action="store_true", help=t("admin.accept_list"))
    way.add_argument("--refuse", action="store_true", help=t("admin.accept_refuse"))
    made.add_argument("--reason", metavar="TEXT", default="", help=t("admin.accept_reason"))
    made.set_defaults(refuse_line=made.error)


def _accept(arguments: argparse.Namespace) -> int:
    """Each by itself: one that cannot be decided does not hold up the others, and asks for a look."""
    if arguments.list == bool(arguments.ids):
        arguments.refuse_line(t("admin.accept_which"))
    if bool(arguments.reason) is not arguments.refuse:
        arguments.refuse_line(t("admin.accept_why"))
    return _list(arguments) if arguments.list else sum(not _decided(arguments, one) for one in arguments.ids) and LOOK


def _list(arguments: argparse.Namespace) -> int:
    """One a line, the oldest first: receipt, since when, what for, operation, agency, category, number; between tabs."""
    from ebid_tui.server.store import acceptances

    found = profile(arguments)
    agencies = [agency.id for agency in found.agencies]
    after = None
    with snapshot(arguments.database) as connection:
        while page := acceptances.waiting(connection, found.id, agencies, after):
            for one in page:
                vendor = one.vendor
                since = f"{one.since:%Y-%m-%dT%H:%M:%S%z}"
                print("\t".join((one.receipt_id, since, one.waits_for, one.operation, vendor.agency, vendor.category, vendor.number)))
            after = page[-1].since, page[-1].receipt_id
    return 0


def _decided(arguments: argparse.Namespace, receipt_id: str) -> bool:
    from datetime import datetime

    from ebid_tui.server.decisions import settling
    from ebid_tui.server.settings import JAPAN

    found, now = profile(arguments), datetime.now(JAPAN).replace(microsecond=0)
    with opened(arguments.database) as engine:
        try:
            with engine.begin() as connection:
                if arguments.refuse:
                    settling.refuse(connection, found, receipt_id, ACTOR, arguments.reason, now)
                else:
                    settling.accept(connection, found, receipt_id, ACTOR, now)
        except InputError as error:
            arguments.refuse_line(error.problems[0][2])
        except EbidError as error:
            print(f"{receipt_id}\t{error.code} {error.title}")
            return False
    print(f"{receipt_id}\t{t('admin.refused_one' if arguments.refuse else 'admin.accepted_one')}")
    return True
