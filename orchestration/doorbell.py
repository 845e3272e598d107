"""The only jobs that a worker will do. Whoever writes to Redis could queue anything; it is refused here."""

import logging
from collections.abc import Callable
from typing import Any

from rq.exceptions import NoSuchJobError
from rq.job import Job

from orchestration.queue import ADVANCE, TRY_MODEL

ALLOWED = frozenset({ADVANCE, TRY_MODEL})

logger = logging.getLogger(__name__)


class Bell(Job):
    """A job that may name our functions only, with plain arguments, and no callback of any kind."""

    def restore(self, raw_data: Any) -> Any:
        """Load the job, and drop it when it asks for anything but a bell."""
        restored = super().restore(raw_data)
        if not self._is_bell():
            logger.error("Refused a job that is no bell: %s", self.id)
            self.delete(remove_from_queue=True)
            raise NoSuchJobError(f"Job {self.id} is no bell.")
        return restored

    def _is_bell(self) -> bool:
        try:
            named = self.func_name in ALLOWED and self.instance is None
            plain = not self.kwargs and len(self.args) == 1 and isinstance(self.args[0], int | None)
        except Exception:
            return False
        called_back = (self._success_callback_name, self._failure_callback_name, self._stopped_callback_name)
        return named and plain and not any(called_back) and not self.webhooks and not self._dependency_ids

    @property
    def func(self) -> Callable[..., Any] | None:
        """The function, if it is one of ours."""
        if self.func_name not in ALLOWED:
            raise PermissionError(f"{self.func_name} is not a function that a worker does.")
        function: Callable[..., Any] | None = super().func
        return function
