"""`python -m tests.worlds [N]`: so many simulated years, and how often each interval held the truth, as JSON lines."""

import os
import subprocess
import sys

WORLDS = "1000"


def main() -> int:
    """Run the test of this folder with that many worlds."""
    wanted = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("WORLDS", WORLDS)
    command = [sys.executable, "-m", "pytest", "tests/worlds", "-q", "-s", "-p", "no:cacheprovider"]
    return subprocess.run(command, env={**os.environ, "HANDRAIL_WORLDS": wanted}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
