"""Operators signing in: with password and code, or with a card; and out, here or everywhere."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
from litestar import delete, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from sqlalchemy import Connection

from ebid_tui.domain.desk import OperatorSignedIn
from ebid_tui.domain.statement import OperatorSignIn
from ebid_tui.errors import EbidError, ServerError
from ebid_tui.server.api.access import SESSION
from ebid_tui.server.api.bounds import Code, Id, Origin, Password
from ebid_tui.server.api.limits import limited
from ebid_tui.server.api.problems import refuses
from ebid_tui.server.decisions import accepting, limits
from ebid_tui.server.decisions.accepting import SignedRequest
from ebid_tui.server.decisions.limits import Caller
from ebid_tui.server.operators import secret_keys, totp
from ebid_tui.server.operators.signed_in import DeskOperator, operator_actor, seen
from ebid_tui.server.services import Services
from ebid_tui.server.store import accepted_changes, devices, operators, sign_ins
from ebid_tui.server.store import limits as buckets
from ebid_tui.server.store.limits import Bucket
from ebid_tui.server.store.operators import Operator


class OperatorLogin(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Login ID, password and the code of this half minute; `origin` is the server's as the client knows it.

    `device` is what the server gave this device at an earlier sign-in: with it nobody elsewhere can stop this one. Empty asks for one.
    """

    system: Id
    origin: Origin
    login_id: Id
    password: Password
    code: Code
    device: Id | None = None

    def __repr__(self) -> str:
        return f"OperatorLogin({self.system!r})"


@dataclass(frozen=True, slots=True)
class _Try:
    """One sign-in, taken on. `wrong` are the buckets that it counts in until it turns out to be right."""

    found: Operator | None
    device: str | None
    wrong: tuple[Bucket, ...]


@post("/desk/sessions", guards=[limited], responses=refuses(400, 403, 404, 413, 422, 429, 503))
async def operator_login(
    services: NamedDependency[Services], caller: NamedDependency[Caller], data: JSONBody[OperatorLogin]
) -> OperatorSignedIn:
    """Sign in with password and code. E-OPERATOR in the same words, after the same time, whatever was wrong; E-TOO-MANY after some."""
    settings, profile = services.settings, services.profile(data.system)
    if data.origin not in settings.origins:
        raise ServerError("origin", code="E-ORIGIN")
    if not settings.secret_keys:
        raise ServerError(code="E-CARD-ONLY")
    name = (profile.id, data.login_id)
    attempt = await services.store.write(lambda connection: _taken_on(connection, services, caller, data))
    if isinstance(attempt, EbidError):
        raise attempt
    found = attempt.found
    try:
        right = await services.passwords.right(found.password_hash if found else None, data.password)
    except EbidError:
        await services.store.write(lambda connection: buckets.give_back(connection, attempt.wrong))
        raise
    step = _step(services, found, data.code)

    def write(connection: Connection) -> OperatorSignedIn | EbidError:
        current = operators.operator(connection, *name)
        unchanged = current is not None and found is not None and current.password_hash == found.password_hash
        known = right and step is not None and current is not None and unchanged and current.state == "active"
        if known and current is not None and step is not None and operators.use_step(connection, current, step):
            buckets.give_back(connection, attempt.wrong)
            return _open(connection, services, current, data.origin, data.device, attempt.device)
        return ServerError(code="E-OPERATOR")

    outcome = await services.store.write(write)
    if isinstance(outcome, EbidError):
        raise outcome
    return outcome


def _taken_on(connection: Connection, services: Services, caller: Caller, data: OperatorLogin) -> _Try | EbidError:
    """Count a try before anything is checked, on the lane of its device, or on the one that all strangers share. E-TOO-MANY."""
    settings, name = services.settings, (data.system, data.login_id)
    now = settings.now()
    device = devices.known(connection, *name, data.device or "", now)
    wrong: tuple[Bucket, ...] = (limits.operators_own(settings, *name), *limits.wrong_ones(settings, caller))
    wanted = (limits.checks(settings, "operator", *name), *wrong)
    if device is not None:
        wanted = wrong = (limits.devices_own(settings, device),)
    seconds = buckets.take(connection, wanted, now)
    return limits.too_many(seconds) if seconds else _Try(operators.operator(connection, *name), device, wrong)


def _step(services: Services, found: Operator | None, code: str) -> int | None:
    secret = None
    if found is not None and found.totp_secret is not None:
        secret = secret_keys.decrypted(services.settings.secret_keys, found.totp_secret, found.system, found.login_id)
    return totp.step_of(secret, code, services.settings.now(), found.totp_step if found else 0)


@post("/desk/sessions/card", guards=[limited], responses=refuses(400, 403, 404, 409, 413, 422, 429, 503))
async def operator_card(services: NamedDependency[Services], data: JSONBody[SignedRequest]) -> OperatorSignedIn:
    """Sign in with an operator's card, over a nonce of `POST /challenges`. E-OPERATOR for a card of nobody here."""
    now = services.settings.now()
    profile, said, signer = await accepting.signed_in(services, data.statement, OperatorSignIn, now)

    def write(connection: Connection) -> OperatorSignedIn:
        sign_ins.use_challenge(connection, said.nonce, profile.id, now)
        found = operators.of_card(connection, profile.id, signer.certificate.fingerprint)
        if found is None or found.state != "active":
            raise ServerError(code="E-OPERATOR")
        return _open(connection, services, found, said.origin)

    return await services.store.write(write)


def _open(
    connection: Connection, services: Services, who: Operator, origin: str, asked: str | None = None, known: str | None = None
) -> OperatorSignedIn:
    """A session; and what the device holds from now on where one was `asked` for that is not `known` (a hash)."""
    settings, now = services.settings, services.settings.now()
    until = now + settings.session_lifetime
    token = sign_ins.open_operator_session(connection, who.system, who.login_id, origin, now, until)
    device = None
    if known is not None:
        devices.use(connection, known, now, settings.device_lifetime)
    elif asked is not None:
        device = devices.add(connection, who.system, who.login_id, now, settings.device_lifetime)
    event = "desk_sign_in" if device is None else "desk_sign_in_new_device"
    accepted_changes.add_audit(connection, who.system, event, operator_actor(who.login_id), who.login_id, now)
    agencies = seen(services.profile(who.system), who)
    return OperatorSignedIn(token=token, expires_at=until, login_id=who.login_id, role=who.role, agencies=agencies, device=device)


@delete("/desk/sessions/current", responses=refuses(401), security=SESSION)
async def operator_sign_out(services: NamedDependency[Services], desk: NamedDependency[DeskOperator]) -> None:
    """End this session."""
    await services.store.write(lambda connection: sign_ins.end_session(connection, desk.session.token_hash))


@delete("/desk/sessions", responses=refuses(401), security=SESSION)
async def operator_sign_out_everywhere(services: NamedDependency[Services], desk: NamedDependency[DeskOperator]) -> None:
    """End every session of this operator; every device is a stranger again."""
    who, now = desk.operator, services.settings.now()

    def write(connection: Connection) -> None:
        sign_ins.end_sessions_of_operator(connection, who.system, who.login_id)
        if devices.forget(connection, who.system, who.login_id):
            accepted_changes.add_audit(connection, who.system, "desk_devices_forgotten", operator_actor(who.login_id), who.login_id, now)

    await services.store.write(write)
