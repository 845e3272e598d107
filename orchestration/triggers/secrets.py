"""Secrets of webhooks. To check a signature the secret itself is needed, so it is kept encrypted, not hashed."""

import hashlib
import hmac
import secrets

from orchestration import encrypted
from orchestration.encrypted import Lost as SecretLost

__all__ = ["SecretLost", "close", "new", "open_up", "sign"]
BEGINS = "hrs_"
PURPOSE = b"handrail: secrets of triggers"


def new() -> str:
    """A new secret of 256 bits, to be shown once."""
    return BEGINS + secrets.token_urlsafe(32)


def close(secret: str) -> str:
    """The secret as it is kept."""
    return encrypted.close(secret, PURPOSE)


def open_up(kept: str) -> str:
    """The secret that was kept, or `SecretLost`."""
    return encrypted.open_up(kept, PURPOSE)


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 in hex over the timestamp, a dot and the raw body."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
