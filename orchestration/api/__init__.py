"""The API under /api/v1/: programs start runs and read them, with a token. There is no way to decide."""

from orchestration.api.doors import api, urls

__all__ = ["api", "urls"]
