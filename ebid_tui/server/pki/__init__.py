"""Whether a card's certificate is accepted: kind, key, usage, certification path (RFC 5280), revocation (CRL, OCSP)."""
