"""Where a certificate says that its revocation data can be had: distribution points and responders (RFC 5280, 4.2.1.13 and 4.2.2.1).

Only HTTP and HTTPS are used. A list that covers some reasons only, or that somebody else than the issuer signs, is passed over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asn1crypto import x509

MOST = 4
"""Addresses of one kind that are tried."""
LONGEST = 1024


def crl_urls(certificate: x509.Certificate) -> tuple[str, ...]:
    """The addresses of complete lists by the certificate's own issuer."""
    points = certificate.crl_distribution_points_value or ()
    found = [url for point in points if not point["reasons"] and not point["crl_issuer"] for url in _full_names(point)]
    return _usable(found)


def ocsp_urls(certificate: x509.Certificate) -> tuple[str, ...]:
    """The addresses of the issuer's responders."""
    return _usable(
        [
            access["access_location"].native
            for access in certificate.authority_information_access_value or ()
            if access["access_method"].native == "ocsp" and access["access_location"].name == "uniform_resource_identifier"
        ]
    )


def _full_names(point: x509.DistributionPoint) -> list[str]:
    name = point["distribution_point"]
    if not name or name.name != "full_name":
        return []
    return [general.native for general in name.chosen if general.name == "uniform_resource_identifier"]


def _usable(urls: list[str]) -> tuple[str, ...]:
    wanted = [url for url in urls if url.lower().startswith(("http://", "https://")) and len(url) <= LONGEST and url.isascii()]
    return tuple(dict.fromkeys(wanted))[:MOST]
