#!/usr/bin/env python
"""The command line of Handrail."""

import os
import sys

from django.core.management import execute_from_command_line

from deploy import beside

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if sys.argv[1:2] != ["up"]:
        beside.join(beside.home())
    execute_from_command_line(sys.argv)
