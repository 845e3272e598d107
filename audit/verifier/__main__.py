"""Where `python -m audit.verifier` begins; `python verify.pyz` begins in a file that calls the same."""

import sys

from .program import main

sys.exit(main())
