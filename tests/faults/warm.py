"""What the one warm parent of all forked processes has imported: everything that is slow. It opens nothing."""

import importlib

import django
from django.urls import get_resolver

django.setup()

from orchestration import call, crew, providers  # noqa: E402  (they need the apps)
from orchestration.tools import kinds  # noqa: E402

importlib.import_module("config.asgi")
importlib.import_module("tests.faults.inside")
call.warm_up()
providers.warm()
kinds.warm()
assert get_resolver().url_patterns
crew.close_database()
