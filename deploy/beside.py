"""Commands in a shell beside a running `up` work on its servers, without being told where they are."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

FILE = "servers.json"


def tell(home: Path, addresses: Mapping[str, str]) -> None:
    """What `up` writes: the addresses of the application's role, for as long as the servers stand."""
    path = home / FILE
    path.touch(mode=0o600)
    path.write_text(json.dumps(dict(addresses)))


def forget(home: Path) -> None:
    """The servers go."""
    (home / FILE).unlink(missing_ok=True)


def join(home: Path) -> None:
    """Take what is not said in the environment from the `up` that runs on this data folder, if one does."""
    try:
        said = json.loads((home / FILE).read_text())
        secret = (home / "secret").read_text().strip()
    except (OSError, ValueError):
        return
    for name, value in {**said, "HANDRAIL_SECRET_KEY": secret}.items():
        if not os.environ.get(name, "").strip() and value:
            os.environ[name] = value


def home() -> Path:
    """The data folder, as the settings find it."""
    given = os.environ.get("HANDRAIL_HOME", "").strip()
    return Path(given).expanduser() if given else Path(__file__).resolve().parent.parent / ".handrail"
