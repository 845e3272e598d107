"""The settings of a web process that speaks the language nobody speaks, beside those of production."""

import os
from pathlib import Path

from config.settings import *  # noqa: F403
from config.settings import LANGUAGES as SPOKEN
from config.settings import LOCALE_PATHS as KEPT
from tests.languages.pseudo import CODE

LANGUAGES = [*SPOKEN, (CODE, "Ýýéét")]
LOCALE_PATHS = [Path(os.environ["HANDRAIL_TEST_LOCALE"]), *KEPT]
