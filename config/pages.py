"""The pages as an ASGI application."""

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.base import BaseHandler
from django.http import HttpRequest, HttpResponseBase


class Pages(ASGIHandler):
    """Django's own, with its middleware and views in one thread: all of them are synchronous.

    Django's would change to the event loop and back between the last middleware and the view, for each request.
    """

    def __init__(self) -> None:
        BaseHandler.__init__(self)
        self.load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        """The answer, made in the request's thread."""
        return await sync_to_async(self.get_response)(request)
