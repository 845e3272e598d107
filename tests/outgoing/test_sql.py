"""Tools of kind sql, against a PostgreSQL and an SQLite that are really there."""

import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from orchestration.tools.kinds import sql, statements
from orchestration.tools.kinds.shapes import Misdeclared
from orchestration.tools.tool import ToolFailed
from tests import environment
from tests.outgoing.conftest import Names
from tests.outgoing.declared import Declared, tool

TABLE = """
CREATE TABLE orders (id integer, customer text, amount numeric(20, 2), at timestamptz, raw bytea, tags jsonb)
"""
ROWS = """
INSERT INTO orders SELECT n, 'C' || n % 3, n * 1.5, '2026-01-02T03:04:05Z', 'abc', '{"a": [1]}'
FROM generate_series(1, 30) n
"""
DROP = "DROP DATABASE IF EXISTS shop_of_tests WITH (FORCE)"


@pytest.fixture(scope="module")
def shop() -> Iterator[dict[str, str]]:
    """A database beside that of Handrail, with a role that may read and write in it."""
    server = environment.standing.postgres
    if server is None:
        pytest.skip("PostgreSQL is not one that was started here")
    server.sql(DROP)
    server.sql("CREATE DATABASE shop_of_tests")
    server.sql("DROP ROLE IF EXISTS shop_reader")
    server.sql("CREATE ROLE shop_reader LOGIN PASSWORD 'sesame-canary'")
    server.sql(TABLE, "shop_of_tests")
    server.sql(ROWS, "shop_of_tests")
    server.sql("GRANT ALL ON orders TO shop_reader", "shop_of_tests")
    host = str(server.sockets)
    yield {
        user: make_conninfo(host=host, dbname="shop_of_tests", user=user, password="sesame-canary")
        for user in ("shop_reader", "postgres")
    }
    server.sql(DROP)
    server.sql("DROP ROLE IF EXISTS shop_reader")


@pytest.fixture
def postgres(shop: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_URL", shop["shop_reader"])


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.HANDRAIL_FOLDERS = {"shop": tmp_path}
    with sqlite3.connect(tmp_path / "shop.sqlite3") as connection:
        connection.execute("CREATE TABLE orders (id integer, customer text, amount real, raw blob)")
        connection.executemany(
            "INSERT INTO orders VALUES (?, ?, ?, ?)", [(n, f"C{n % 3}", n * 1.5, b"abc") for n in range(1, 31)]
        )
    connection.close()
    return tmp_path


def pg(query: str, rows: Any = 100, **more: Any) -> Declared:
    return tool({"query": query, "rows": rows}, secret="env:SHOP_URL", **more)


def lite(query: str, rows: Any = 100, file: str = "shop.sqlite3", **more: Any) -> Declared:
    return tool({"query": query, "rows": rows}, options={"folder": "shop", "file": file}, **more)


def test_it_reads_rows_of_postgresql(postgres: None) -> None:
    query = "SELECT id, customer, amount, at, raw, tags FROM orders WHERE customer = :customer AND id > :id ORDER BY id"
    found = sql.call(pg(query, 2), {"customer": "C1", "id": 1}, "run-1")
    alike = {"customer": "C1", "at": "2026-01-02T03:04:05+00:00", "raw": "(3 bytes)", "tags": {"a": [1]}}
    rows = [{"id": 4, "amount": "6.00", **alike}, {"id": 7, "amount": "10.50", **alike}]
    assert found == {"rows": rows, "count": 2, "more": True}


def test_it_reads_rows_of_sqlite(folder: Path) -> None:
    found = sql.call(
        lite("SELECT id, amount, raw FROM orders WHERE customer = :c ORDER BY id", 1), {"c": "C1"}, "run-1"
    )
    assert found == {"rows": [{"id": 1, "amount": 1.5, "raw": "(3 bytes)"}], "count": 1, "more": True}


@pytest.mark.parametrize("kind", ["pg", "lite"])
def test_arguments_are_bound_and_never_written_into_the_query(kind: str, postgres: None, folder: Path) -> None:
    make = {"pg": pg, "lite": lite}[kind]
    query = "SELECT id FROM orders WHERE customer = :who AND '100%' <> ':who' -- :nobody ; %s\n AND id < 1000"
    for who in ("x' OR '1'='1", "'; DROP TABLE orders; --", "%s", "%(who)s", ":who", "\\", "C1\u2019"):
        assert sql.call(make(query), {"who": who}, "run-1") == {"rows": [], "count": 0, "more": False}
    assert sql.call(make(query), {"who": "C1"}, "run-1")["count"] == 10


@pytest.mark.parametrize(
    "query",
    [
        "",
        "DELETE FROM orders",
        "INSERT INTO orders VALUES (1)",
        "SELECT 1; DELETE FROM orders",
        "SET ROLE postgres",
        "COMMIT",
        "COPY orders TO PROGRAM 'id'",
        "DO $$ BEGIN END $$",
        "CALL x()",
        "VACUUM",
        "PRAGMA query_only = OFF",
        "ATTACH 'x' AS y",
        "/* SELECT */ DELETE FROM orders",
        "-- x\nDROP TABLE orders",
        "selector",
        7,
        None,
        "SELECT " + "1" * 20_000,
    ],
)
def test_a_query_that_does_more_than_read_is_refused(query: Any) -> None:
    with pytest.raises(Misdeclared):
        statements.statement_of(query)
    assert sql.problems({"query": query}, {})


@pytest.mark.parametrize(
    "query",
    [
        "WITH gone AS (DELETE FROM orders RETURNING id) SELECT * FROM gone", "SELECT * FROM orders FOR UPDATE",
        "SELECT set_config('transaction_read_only', 'off', false)", "SELECT nextval('x')",
        "SELECT * INTO copy FROM orders",
        "SELECT pg_read_file('/etc/passwd')", "SELECT lo_import('/etc/passwd')", "SELECT * FROM pg_authid",
    ],
)  # fmt: skip
def test_nothing_is_changed_in_postgresql(query: str, postgres: None, shop: dict[str, str]) -> None:
    with pytest.raises(ToolFailed) as failed:
        sql.call(pg(query), {}, "run-1")
    assert not failed.value.retry
    with psycopg.connect(shop["shop_reader"]) as connection:
        assert connection.execute("SELECT count(*) FROM orders").fetchone() == (30,)


def test_a_second_statement_is_refused_by_the_server_too(postgres: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statements, "statement_of", str)
    with pytest.raises(ToolFailed, match="multiple commands"):
        sql.call(pg("SELECT 1; DELETE FROM orders"), {}, "run-1")


@pytest.mark.parametrize(
    "query",
    [
        "WITH x AS (SELECT 1) INSERT INTO orders SELECT 1, 'x', 1, x'00' FROM x", "SELECT load_extension('x')",
        "WITH x AS (SELECT 1) DELETE FROM orders", "SELECT * FROM pragma_database_list", "SELECT writefile('x', 'y')",
    ],
)  # fmt: skip
def test_nothing_is_changed_in_sqlite(query: str, folder: Path) -> None:
    before = (folder / "shop.sqlite3").read_bytes()
    with pytest.raises(ToolFailed):
        sql.call(lite(query), {}, "run-1")
    assert (folder / "shop.sqlite3").read_bytes() == before
    assert [path.name for path in folder.iterdir()] == ["shop.sqlite3"]


SLOW = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"


@pytest.mark.parametrize(("kind", "query"), [("pg", "SELECT pg_sleep(30)"), ("pg", SLOW), ("lite", SLOW)])
def test_a_query_ends_with_its_time(kind: str, query: str, postgres: None, folder: Path) -> None:
    began = time.monotonic()
    with pytest.raises(ToolFailed, match="longer than it may") as failed:
        sql.call({"pg": pg, "lite": lite}[kind](query, seconds=0.4), {}, "run-1")
    assert time.monotonic() - began < 3
    assert failed.value.retry


@pytest.mark.parametrize("kind", ["pg", "lite"])
def test_so_much_is_read_and_no_more(kind: str, postgres: None, folder: Path) -> None:
    counting = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)"
    query = f"{counting} SELECT i, 'xxxxxxxxxxxxxxxxxxxx' AS x FROM n"
    found = sql.call({"pg": pg, "lite": lite}[kind](query, 10_000, result_bytes=2000, seconds=5), {}, "run-1")
    assert (found["more"], 20 < found["count"] < 60) == (True, True)
    with pytest.raises(ToolFailed, match="one name"):
        sql.call({"pg": pg, "lite": lite}[kind]("SELECT 1 AS a, 2 AS a"), {}, "run-1")


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nonsense",
        "postgresql://",
        "postgresql://a@/x",
        "host=h dbname=x user=u service=s",
        "host=h dbname=x user=u passfile=/etc/x",
        "host=h dbname=x user=u sslkey=/etc/x",
        "host=h dbname=x user=u options=-cx=y",
        "host=a,b dbname=x user=u",
        "host=169.254.169.254 dbname=x user=u",
        "host=2130706433 dbname=x user=u",
        "host=127.1 dbname=x user=u",
        "host=h hostaddr=127.0.0.1 dbname=x user=u",
        "host=127.0.0.1 port=x dbname=x user=u",
    ],
)
def test_an_address_that_is_none_is_not_connected_to(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_URL", address)
    with pytest.raises(ToolFailed) as failed:
        sql.call(pg("SELECT 1"), {}, "run-1")
    assert address in ("", "nonsense") or address not in str(failed.value)


def test_only_a_private_connection_goes_inside(
    postgres: None, shop: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ToolFailed, match="inside the house"):
        sql.call(pg("SELECT 1", private=False), {}, "run-1")


def test_a_host_is_connected_to_at_the_addresses_that_were_judged(
    names: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, Any]] = []

    def connect(**way: Any) -> None:
        asked.append(way)
        raise psycopg.OperationalError("no")

    monkeypatch.setattr(psycopg, "connect", connect)
    monkeypatch.setenv("SHOP_URL", "postgresql://reader@db.example/shop?sslmode=disable")
    for answers, private in ((["10.0.0.7", "fd00::1"], True), (["93.184.215.14"], False)):
        names["db.example"] = [answers, ["127.0.0.1"]]
        with pytest.raises(ToolFailed, match="could not be reached"):
            sql.call(pg("SELECT 1", private=private), {}, "run-1")
    for answers, private in ((["169.254.169.254"], True), (["10.0.0.7"], False), (["93.184.215.14", "10.0.0.7"], True)):
        names["db.example"] = [answers]
        with pytest.raises(ToolFailed, match="house"):
            sql.call(pg("SELECT 1", private=private), {}, "run-1")
    inner, outer = asked
    assert (inner["host"], inner["hostaddr"], inner["sslmode"]) == (
        "db.example,db.example",
        "10.0.0.7,fd00::1",
        "disable",
    )
    assert (outer["hostaddr"], outer["sslmode"], outer["sslrootcert"]) == ("93.184.215.14", "verify-full", "system")


def test_what_could_not_be_reached_names_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_URL", "postgresql://reader:sesame-canary@127.0.0.1:9/shop")
    with pytest.raises(ToolFailed) as failed:
        sql.call(pg("SELECT 1"), {}, "run-1")
    assert (failed.value.retry, "canary" in str(failed.value)) == (True, False)
    assert failed.value.__cause__ is None


def test_a_role_that_may_do_everything_is_refused(shop: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_URL", shop["postgres"])
    with pytest.raises(ToolFailed, match="may do everything"):
        sql.call(pg("SELECT 1"), {}, "run-1")


def test_the_house_s_own_database_is_read_by_no_tool(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    way = conninfo_to_dict(os.environ["DATABASE_URL"])
    kept = {name: value for name, value in way.items() if name in {"host", "port", "dbname", "user", "password"}}
    monkeypatch.setenv("SHOP_URL", make_conninfo(**kept))  # type: ignore[arg-type]
    with pytest.raises(ToolFailed, match="Handrail itself"):
        sql.call(pg("SELECT 1"), {}, "run-1")


@pytest.mark.parametrize(
    "file", ["../x", "/etc/passwd", "", "link", "nothing", ".hidden", "a//b", "sub", "x?mode=rw", "%2e%2e/x"]
)
def test_an_sqlite_file_lies_in_its_folder(file: str, folder: Path) -> None:
    (folder / "link").symlink_to("/etc/passwd")
    (folder / "sub").mkdir()
    with pytest.raises(ToolFailed):
        sql.call(lite("SELECT 1", file=file), {}, "run-1")
    with pytest.raises(ToolFailed, match="name no folder"):
        sql.call(tool({"query": "SELECT 1"}, options={"folder": "other", "file": "shop.sqlite3"}), {}, "run-1")


@pytest.mark.parametrize("value", [{"a": 1}, [[1]], [{"a": 1}]])
def test_an_argument_is_a_single_value_or_a_list_of_them(value: Any, postgres: None) -> None:
    with pytest.raises(ToolFailed, match="no single value"):
        sql.call(pg("SELECT :x::text"), {"x": value}, "run-1")
    assert sql.call(pg("SELECT 2 = ANY(:x) AS found"), {"x": [1, 2]}, "run-1")["rows"] == [{"found": True}]


def test_what_the_declaration_says_is_checked() -> None:
    assert sql.problems({"query": "SELECT :a"}, {"properties": {"a": {}}}) == []
    assert sql.problems({"query": "SELECT :a"}, {"properties": {"b": {}}})
    assert sql.problems({"query": "SELECT 1", "rows": 0}, {})
    assert sql.effects(pg("SELECT 1"), {}) == ["It reads at most 100 rows, and changes nothing."]
