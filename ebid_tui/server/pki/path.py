"""The certification path from a card to a trusted authority, and whether anything of it is revoked (RFC 5280, section 6).

The validation is `pyhanko-certvalidator`'s, with the anchors and the revocation data it is given, and nothing fetched.
Its revocation mode is `require`: with `hard-fail` it accepts a revoked certificate that names no CRL. Strength of keys
and hashes is checked here as well, on every certificate.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from ebid_tui.domain.profile.trust import TrustRules
from ebid_tui.server.pki import anchors as trusted
from ebid_tui.server.pki.reading import refusing

if TYPE_CHECKING:
    from asn1crypto import algos, crl, keys, ocsp, x509
    from pyhanko_certvalidator import PKIXValidationParams, ValidationContext
    from pyhanko_certvalidator.path import ValidationPath
    from pyhanko_certvalidator.util import CancelableAsyncIterator

TOLERANCE = timedelta(minutes=1)
"""How far an authority's clock may be ahead of ours."""
HASHES = frozenset({"sha256", "sha384", "sha512"})
CURVES = frozenset({"secp256r1", "secp384r1"})
RSA_BITS = 2048
PATHS = 16
"""Ways from one certificate to an anchor that are tried: authorities that certify each other make more than anybody can walk."""

Why = Literal["untrusted", "weak", "policy", "names", "revoked", "revoked_authority", "unknown", "undetermined"]


class NoPath(Exception):
    """There is no path that holds; `why` says what stands in the way.

    `unknown`: the authority says that it does not know the certificate; `undetermined`: only revocation data is missing.
    The detail may be the validator's, with the names of a certificate's holder in it: not for a log.
    """

    def __init__(self, why: Why, detail: str = "") -> None:
        super().__init__(f"{why}: {detail}" if detail else why)
        self.why: Why = why


async def validate(
    leaf: x509.Certificate,
    between: Iterable[x509.Certificate],
    anchors: Sequence[x509.Certificate],
    rules: TrustRules,
    now: datetime,
    revocation: tuple[Sequence[crl.CertificateList], Sequence[ocsp.OCSPResponse]] | None,
) -> tuple[x509.Certificate, ...]:
    """The path, anchor first, `leaf` last.

    With `revocation` (CRLs, OCSP responses) every certificate below the anchor must be shown by them not to be revoked;
    with None none is looked up. An anchor counts by its own certificate too (`anchors.py`). Raises NoPath, and nothing else.
    """
    with refusing(lambda kind: NoPath("untrusted", kind)):
        members = await _found(leaf, between, _context(anchors, now, revocation), _policies(rules))
        if len(members) < 2:
            raise NoPath("untrusted", "an anchor is no card")
        if not all(strong_key(member.public_key) for member in members):
            raise NoPath("weak", "key")
        if not all(strong_hash(member["signature_algorithm"]) for member in members[1:]):
            raise NoPath("weak", "hash")
        return members


async def _found(
    leaf: x509.Certificate, between: Iterable[x509.Certificate], context: ValidationContext, policies: PKIXValidationParams
) -> tuple[x509.Certificate, ...]:
    """The validator's word. Raises NoPath, and whatever reading a certificate raises."""
    from pyhanko_certvalidator import find_valid_path
    from pyhanko_certvalidator.errors import DisallowedAlgorithmError, InsufficientRevinfoError, PathError, RevokedError, ValidationError

    try:
        context.certificate_registry.register_multiple(between)
        paths = _First(context.path_builder.async_build_paths_lazy(leaf))
        return tuple(await find_valid_path(leaf, paths, context, policies))  # type: ignore[arg-type]
    except RevokedError as error:
        raise NoPath("revoked" if error.is_ee_cert and not error.is_side_validation else "revoked_authority") from error
    except InsufficientRevinfoError as error:
        raise NoPath("undetermined", str(error)) from error
    except DisallowedAlgorithmError as error:
        raise NoPath("weak", str(error)) from error
    except ValidationError as error:
        raise NoPath(_why(str(error)), str(error)) from error
    except PathError as error:
        raise NoPath("untrusted", type(error).__name__) from error


def _why(said: str) -> Why:
    """The library has no errors of its own for what sections 6.1.5 (g) and 6.1.3 (b), (c) refuse."""
    if "no valid set of policies" in said:
        return "policy"
    return "names" if "namespace of the issuing authority" in said else "untrusted"


class _First:
    """The first `PATHS` of some, as the library's own iterator gives them."""

    def __init__(self, paths: CancelableAsyncIterator[ValidationPath]) -> None:
        self._paths = paths
        self._left = PATHS

    async def cancel(self) -> None:
        await self._paths.cancel()  # type: ignore[no-untyped-call]

    def __aiter__(self) -> _First:
        return self

    async def __anext__(self) -> ValidationPath:
        if not self._left:
            raise StopAsyncIteration
        self._left -= 1
        return await anext(self._paths)


def _context(
    anchors: Sequence[x509.Certificate],
    now: datetime,
    revocation: tuple[Sequence[crl.CertificateList], Sequence[ocsp.OCSPResponse]] | None,
) -> ValidationContext:
    from pyhanko_certvalidator import ValidationContext
    from pyhanko_certvalidator.ltv.types import ValidationTimingInfo, ValidationTimingParams

    crls, ocsps = revocation if revocation is not None else ((), ())
    context = ValidationContext(
        trust_roots=list(trusted.usable(anchors, now)),
        moment=now,
        allow_fetching=False,
        crls=crls,
        ocsps=ocsps,
        revocation_mode="require" if revocation is not None else "none",
        time_tolerance=TOLERANCE,
    )
    # Our time, but not as a look back at it: what is on a list is revoked, whatever date the list gives.
    moment = ValidationTimingInfo(validation_time=now, best_signature_time=now, point_in_time_validation=False)
    context.timing_params = ValidationTimingParams(moment, time_tolerance=TOLERANCE)
    return context


def _policies(rules: TrustRules) -> PKIXValidationParams:
    from pyhanko_certvalidator import PKIXValidationParams

    return PKIXValidationParams(
        user_initial_policy_set=frozenset(rules.policies or ("any_policy",)),
        initial_explicit_policy=rules.explicit_policy or bool(rules.policies),
        initial_policy_mapping_inhibit=not rules.policy_mapping,
        initial_any_policy_inhibit=not rules.any_policy,
    )


def strong_key(key: keys.PublicKeyInfo) -> bool:
    """RSA of 2048 bits or more, P-256 or P-384."""
    try:
        if key.algorithm in ("rsa", "rsassa_pss"):
            return bool(key.bit_size >= RSA_BITS)
        return key.algorithm == "ec" and key.curve[0] == "named" and key.curve[1] in CURVES
    except (ValueError, TypeError, KeyError, AttributeError):  # the last one: an elliptic curve's key that names no curve
        return False


def strong_hash(algorithm: algos.SignedDigestAlgorithm) -> bool:
    """SHA-2 of 256 bits or more."""
    try:
        return algorithm.hash_algo in HASHES
    except (ValueError, TypeError, KeyError):
        return False
