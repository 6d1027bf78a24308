"""Whether a card's certificate is accepted: kind, key, usage, certification path (RFC 5280), revocation (CRL, OCSP)."""

from ebid_tui.server.pki.trust import Trust

__all__ = ["Trust"]
