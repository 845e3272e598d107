"""Secrets of webhooks. To check a signature the secret itself is needed, so it is kept encrypted, not hashed.

The key is derived from Django's SECRET_KEY, which stands outside the database: whoever holds a copy of the database
alone can sign nothing. Older keys in SECRET_KEY_FALLBACKS still open what they closed.
"""

import base64
import hashlib
import hmac
import secrets
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

BEGINS = "hrs_"
PURPOSE = b"handrail: secrets of triggers"


class SecretLost(Exception):
    """The secret was closed under another SECRET_KEY, and cannot be read any more."""


def new() -> str:
    """A new secret of 256 bits, to be shown once."""
    return BEGINS + secrets.token_urlsafe(32)


def close(secret: str) -> str:
    """The secret as it is kept."""
    return _box(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS).encrypt(secret.encode()).decode()


def open_up(kept: str) -> str:
    """The secret that was kept, or `SecretLost`."""
    try:
        return _box(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS).decrypt(kept.encode()).decode()
    except InvalidToken as error:
        raise SecretLost("The secret cannot be read: the installation has another secret key now.") from error


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 in hex over the timestamp, a dot and the raw body."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


@lru_cache(maxsize=8)
def _box(*keys: str) -> MultiFernet:
    return MultiFernet([Fernet(base64.urlsafe_b64encode(_derived(key))) for key in keys])


def _derived(key: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(key.encode())
