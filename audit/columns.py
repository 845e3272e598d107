"""Columns of a table for the statements of `audit.hot`, and the objects that their values make."""

from collections.abc import Collection, Sequence
from typing import Any

from django.db import connection, models


class Columns[M: models.Model]:
    """The columns of a model's table, but for those of the fields in `without`."""

    def __init__(self, model: type[M], *, without: Collection[str] = ()) -> None:
        fields = [field for field in model._meta.concrete_fields if field.name not in without]
        self.model = model
        self._names = [field.attname for field in fields]
        self._columns = [field.column for field in fields]
        self._read = [(place, field) for place, field in enumerate(fields) if isinstance(field, models.JSONField)]

    def __len__(self) -> int:
        return len(self._names)

    def of(self, table: str) -> str:
        """What to select, for a table under this name."""
        return ", ".join(f'{table}."{column}"' for column in self._columns)

    def object(self, row: Sequence[Any]) -> M:
        """The object that these columns make, in their order. What was left out is loaded when it is asked for."""
        values = list(row)
        for place, field in self._read:
            values[place] = field.from_db_value(values[place], field.get_col(self.model._meta.db_table), connection)
        return self.model.from_db(connection.alias, self._names, values)
