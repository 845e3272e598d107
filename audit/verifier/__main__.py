"""Where `python verify.pyz` begins."""

import sys

from audit.verifier.program import main

sys.exit(main())
