"""The pages of an agent's run with forty turns and sixty calls: the run, its talk, one turn of it, an item of it."""

import os
from functools import partial

from django.db import connection
from django.test import Client

from orchestration import jobs
from reviews.models import Review
from tests import cast as people
from tests.agents.drawn import MANY, agent, asks, forty
from tests.bench.figures import Figure, Sizes, typical
from tests.bench.inbox import _queries
from tests.flow.drawn import start
from tests.loopback import provider
from tests.wiping import wipe

LAST = asks(("test_keyed", {"sum": 10}), text="At last.")


def talk(sizes: Sizes) -> list[Figure]:
    """What each page takes, and how large it is."""
    wipe()
    cast = people.assemble()
    with provider() as said:
        os.environ |= said.environment
        said.says = [*forty(LAST)]
        run = start(cast, agent(limits=MANY))
        jobs.advance()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    client = Client(SERVER_NAME="localhost")
    client.force_login(cast.rita)
    where = f"/runs/{run.pk}/?step=ask"
    pages = {
        "talk_run": where,
        "talk_tab": f"{where}&tab=talk",
        "talk_turn": f"{where}&tab=talk&at=20",
        "talk_item": f"/inbox/{Review.objects.get().pk}/",
    }
    rows: list[Figure] = []
    for name, address in pages.items():
        wall, cpu = typical(partial(client.get, address))
        rows += [
            (name, wall, "ms"),
            (f"{name}_cpu", cpu, "CPU-ms"),
            (f"{name}_queries", float(_queries(client, address)), "queries"),
            (f"{name}_bytes", float(len(client.get(address).content)), "bytes"),
        ]
    return rows
