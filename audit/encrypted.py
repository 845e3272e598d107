"""Texts that are kept encrypted, as they are needed again: secrets of webhooks, keys of models, second factors.

The key is derived from Django's SECRET_KEY, which stands outside the database, so whoever holds a copy of the database
alone can read nothing. Older keys in SECRET_KEY_FALLBACKS still open what they closed. Each purpose has its own key.
"""

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class Lost(Exception):
    """It was closed under another SECRET_KEY, and cannot be read any more."""


def close(text: str, purpose: bytes) -> str:
    """The text as it is kept."""
    return _box(purpose, *_keys()).encrypt(text.encode()).decode()


def open_up(kept: str, purpose: bytes) -> str:
    """The text that was kept, or `Lost`."""
    try:
        return _box(purpose, *_keys()).decrypt(kept.encode()).decode()
    except InvalidToken:
        raise Lost("It cannot be read: the installation has another secret key now.") from None


def renewed(kept: str, purpose: bytes) -> str | None:
    """The same text under the key of today; None where it is under that key, or under none that is known."""
    try:
        _box(purpose, settings.SECRET_KEY).decrypt(kept.encode())
    except InvalidToken:
        try:
            return _box(purpose, *_keys()).rotate(kept.encode()).decode()
        except InvalidToken:
            return None
    return None


def _keys() -> tuple[str, ...]:
    return settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS


@lru_cache(maxsize=8)
def _box(purpose: bytes, *keys: str) -> MultiFernet:
    return MultiFernet([Fernet(base64.urlsafe_b64encode(_derived(purpose, key))) for key in keys])


def _derived(purpose: bytes, key: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(key.encode())
