"""Samples: a share of things, chosen by a keyed hash of what each is, so that nobody can tell or steer which.

The key is derived from the secret of the installation. The same thing is chosen whenever it is asked.
"""

import json
from typing import Any

from django.utils.crypto import salted_hmac

SALT = "handrail.samples"
BYTES = 8
WHOLE = float(1 << 8 * BYTES)


def drawn(*named: Any) -> int:
    """A number below 2**64 that stands for what is named by these values."""
    mac = salted_hmac(SALT, json.dumps(named, separators=(",", ":")), algorithm="sha256").digest()
    return int.from_bytes(mac[:BYTES])


def is_in(share: float, *named: Any) -> bool:
    """Whether what is named by these values is among that share of all such things."""
    return drawn(*named) < share * WHOLE
