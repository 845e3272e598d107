"""The doors of the web process: pages and live sockets."""

import os

import django
from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup(set_prefix=False)

from audit.bodies import bounded  # noqa: E402  (they need the apps that the line above loads)
from audit.live import LiveConsumer  # noqa: E402
from config.pages import Pages  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": bounded(Pages()),
        "websocket": AllowedHostsOriginValidator(
            AuthMiddlewareStack(URLRouter([path("ws/live/", LiveConsumer.as_asgi())]))
        ),
    }
)
