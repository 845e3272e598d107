"""`python -m tests.edits [N]`: so many timed edits against real workers, and the figures as JSON lines."""

import os
import subprocess
import sys

EDITS = "1000"


def main() -> int:
    """Run the test of this folder with that many edits, on servers of its own."""
    wanted = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("EDITS", EDITS)
    command = [sys.executable, "-m", "pytest", "tests/edits", "-q", "-s", "-p", "no:cacheprovider"]
    return subprocess.run(command, env={**os.environ, "HANDRAIL_EDITS": wanted}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
