"""`manage.py web`: the pages and the websockets, in one process."""

from typing import Any

import uvicorn
from django.conf import settings
from django.core.checks import Tags
from django.core.management.base import BaseCommand, CommandParser
from django.utils.module_loading import import_string

from audit import garbage
from deploy import environment

STOP_SECONDS = 3
FRAME = 4096  # bytes: a page has nothing longer to say on its socket


class Command(BaseCommand):
    """Serve `config.asgi` by uvicorn. What stands in front of it, if anything, ends TLS."""

    help = "Serve the pages and the websockets."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default=environment.host(), help="the address to listen on (HOST)")
        parser.add_argument("--port", type=int, default=settings.PORT, help="the port to listen on (PORT)")

    def handle(self, *args: Any, **options: Any) -> None:
        self.check(tags=[Tags.database], databases=["default"])
        application = import_string("config.asgi.application")
        garbage.settle_in()
        uvicorn.run(
            application,
            host=options["host"],
            port=options["port"],
            lifespan="off",
            ws="websockets-sansio",
            ws_max_size=FRAME,
            ws_per_message_deflate=False,  # what is told is short, and would be packed once for each open page
            proxy_headers=False,
            server_header=False,
            access_log=False,
            log_level="warning",
            timeout_graceful_shutdown=STOP_SECONDS,
        )
