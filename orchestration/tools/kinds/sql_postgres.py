"""PostgreSQL, for tools of kind sql: as a role that may only read, in a transaction that may only read."""

import os
from collections.abc import Generator, Mapping, Sequence
from typing import Any

import psycopg
from django.utils.translation import gettext as _
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import tuple_row

from orchestration import addresses
from orchestration.tools.kinds import keys, statements
from orchestration.tools.kinds.shapes import Declared
from orchestration.tools.outgoing.refusing import Policy, Refused
from orchestration.tools.tool import ToolFailed

NAMED = {"host", "port", "dbname", "user", "password", "sslmode"}  # what an address may say
CONNECT = 10  # seconds
AT_ONCE = 50  # rows
OURS = "SELECT to_regclass('orchestration_steprun')"


def rows(declared: Declared, query: str, values: Mapping[str, Any]) -> Generator[tuple[Sequence[str], Sequence[Any]]]:
    """The rows, each with the names of its columns. Raises `ToolFailed`."""
    named = {"name": declared.name}
    try:
        with psycopg.connect(**_way(declared)) as connection:
            connection.read_only = True
            _check(connection)
            with connection.cursor("handrail", row_factory=tuple_row) as cursor:
                cursor.itersize = AT_ONCE
                cursor.execute(statements.for_psycopg(query).encode(), values)
                names = [column.name for column in cursor.description or ()]
                for row in cursor:
                    yield names, row
            connection.rollback()
    except psycopg.errors.QueryCanceled:
        raise ToolFailed(_("%(name)s took longer than it may.") % named, retry=True) from None
    except psycopg.OperationalError as error:
        if error.sqlstate is None:  # it never spoke to a server; what it says may name the address
            raise ToolFailed(_("%(name)s could not be reached.") % named, retry=True) from None
        raise ToolFailed(f"{declared.name}: {_said(error)}", retry=True) from None
    except psycopg.Error as error:
        raise ToolFailed(f"{declared.name}: {_said(error)}", retry=False) from None


def _said(error: psycopg.Error) -> str:
    return str(error.diag.message_primary or _("The database refused the query."))[:300]


def _way(declared: Declared) -> dict[str, Any]:
    """How the database is reached: at an address that was judged, past every default of this host."""
    try:
        told = dict(conninfo_to_dict(keys.secret(declared.reach)))
    except psycopg.ProgrammingError:
        raise _refused(declared, _("the address of its database cannot be read")) from None
    if set(told) - NAMED or not all(told.get(name) for name in ("host", "dbname", "user")):
        raise _refused(declared, _("the address of its database names a host, a database and a user, and no files"))
    host, port = str(told["host"]).lower(), str(told.get("port") or 5432)
    seconds = max(int(declared.seconds * 1000), 1)
    way = {
        **told,
        "port": port,
        "connect_timeout": CONNECT,
        "tcp_user_timeout": seconds,
        "options": f"-c default_transaction_read_only=on -c statement_timeout={seconds} "
        f"-c idle_in_transaction_session_timeout={seconds}",
        "application_name": "handrail",
        "passfile": os.devnull,
        "gssencmode": "disable",
    }
    if host.startswith("/"):
        if not declared.reach.private:
            raise _refused(declared, _("its database lies inside the house, where it may not go"))
        return way
    return way | _at(declared, host, port)


def _at(declared: Declared, host: str, port: str) -> dict[str, Any]:
    """The addresses of the host, judged; outside the house only to whom it proves to be."""
    try:
        policy = Policy.of([host], private=declared.reach.private)
        found = addresses.look_up(host, int(port))
        policy.judge(host, found, openly=False)
    except addresses.Unknown:
        raise ToolFailed(_("Nobody here knows the host of %(name)s.") % {"name": declared.name}, retry=True) from None
    except Refused as error:
        raise ToolFailed(f"{declared.name}: {error}", retry=False) from None
    except ValueError:
        raise _refused(declared, _("the address of its database names one host")) from None
    way: dict[str, Any] = {"host": ",".join([host] * len(found)), "hostaddr": ",".join(map(str, found))}
    if not all(map(addresses.is_of_house, found)):
        way |= {"sslmode": "verify-full", "sslrootcert": "system"}
    return way


def _check(connection: psycopg.Connection[Any]) -> None:
    """Refuse a role that may do everything, and the database in which Handrail itself lives."""
    if connection.info.parameter_status("is_superuser") == "on":
        raise ToolFailed(_("This connection's role may do everything. Give it one that may only read."), retry=False)
    found = connection.execute(OURS).fetchone()
    if found is not None and found[0] is not None:
        raise ToolFailed(_("This is the database of Handrail itself, which no tool reads."), retry=False)


def _refused(declared: Declared, why: str) -> ToolFailed:
    return ToolFailed(f"{declared.name}: {why}.", retry=False)
