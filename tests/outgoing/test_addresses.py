"""No connection leaves but to a host on the list, at an address that may be reached: watched by a real listener."""

import asyncio
import ipaddress
from collections.abc import Callable

import httpx2
import pytest

from orchestration import addresses
from orchestration.tools import outgoing
from tests.outgoing.conftest import Names
from tests.outgoing.watching import Listener, connections

LOOPBACK = [
    "127.0.0.1", "127.0.0.2", "127.255.255.254", "127.1", "127.0.1", "2130706433", "0x7f.1", "0x7f000001", "0x7f.0.0.1",
    "017700000001", "0177.0.0.1", "0177.1", "0", "0.0.0.0", "00000000177.0.0.1", "[::1]", "[0:0:0:0:0:0:0:1]", "[::]",
    "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]", "[::127.0.0.1]", "[::7f00:1]",
    "[64:ff9b::7f00:1]", "[64:ff9b::127.0.0.1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2002:7f00:1::1]",
    "[2001:0:7f00:1::]", "[2001:0:4136:e378:8000:63bf:80ff:fffe]", "localhost", "LOCALHOST", "localhost.",
    "LocalHost.localdomain", "①②⑦.⓪.⓪.①", "１２７.0.0.1", "127。0。0。1",
]  # fmt: skip
ELSEWHERE = [
    "169.254.169.254", "[fe80::1]", "[fe80::a9fe:a9fe]", "[::ffff:169.254.169.254]", "[fd00:ec2::254]", "2852039166",
    "0xa9fea9fe", "100.100.100.200", "100.64.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "192.0.0.192", "198.18.0.1",
    "224.0.0.1", "239.255.255.250", "255.255.255.255", "240.0.0.1", "[ff02::1]", "[fc00::1]", "[fec0::1]",
    "[2002:a9fe:a9fe::]", "[64:ff9b::a9fe:a9fe]", "[2001:db8::1]", "[3fff::1]", "[5f00::1]", "[100::1]",
    "168.63.129.16", "192.88.99.1", "203.0.113.9", "[2606:4700::5efe:7f00:1]", "[::2]",
]  # fmt: skip
SHAPES = [
    "http://user:word@127.0.0.1:{port}/", "http://listed.example@127.0.0.1:{port}/", "http://127.0.0.1:{port}@listed.example/",
    "http://listed.example:{port}@127.0.0.1:{port}/", "http://127.0.0.1:{port}#@listed.example/", "http:///127.0.0.1:{port}/",
    "http://127.0.0.1:{port}\\@listed.example/", "//127.0.0.1:{port}/", "http:127.0.0.1:{port}/", "ftp://127.0.0.1:{port}/",
    "file:///etc/passwd", "gopher://127.0.0.1:{port}/_x", "ws://127.0.0.1:{port}/", "unix:/tmp/x", "data:text/plain,x",
    "http://127.0.0.1:{port}%2f@listed.example/", "http://listed.example%00.127.0.0.1:{port}/", "http://127.0.0.1%09:{port}/",
    "http://listed.example.127.0.0.1.nip.example:{port}/", "http://[::1%25lo]:{port}/", "http://0:{port}/", "http://:{port}/",
]  # fmt: skip

type Asking = Callable[[str, list[str], bool], httpx2.Response]


def _in_a_thread(url: str, hosts: list[str], private: bool) -> httpx2.Response:
    with outgoing.session(hosts, private=private, seconds=2) as session:
        return session.get(url)


def _on_a_loop(url: str, hosts: list[str], private: bool) -> httpx2.Response:
    async def asked() -> httpx2.Response:
        async with outgoing.client(hosts, private=private, seconds=2) as client:
            return await client.get(url)

    return asyncio.run(asked())


@pytest.fixture(params=[_in_a_thread, _on_a_loop], ids=["session", "client"])
def ask(request: pytest.FixtureRequest) -> Asking:
    """The two ways of asking, which refuse alike."""
    way: Asking = request.param
    return way


def _listed(host: str, port: int) -> list[str]:
    """The host on the list, where a list can hold it: the worst that an admin can have done."""
    try:
        outgoing.session([f"{host}:{port}"], private=False, seconds=1).close()
    except ValueError:
        return ["listed.example"]
    return [f"{host}:{port}", host, "listed.example"]


@pytest.mark.parametrize("host", LOOPBACK + ELSEWHERE)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_no_way_of_writing_an_inner_address_is_connected_to(
    scheme: str, host: str, ask: Asking, listener: Listener
) -> None:
    with connections() as tried, pytest.raises((httpx2.TransportError, httpx2.InvalidURL)):
        ask(f"{scheme}://{host}:{listener.port}/", _listed(host.lower(), listener.port), False)
    assert (tried, listener.came) == ([], 0)


@pytest.mark.parametrize("shape", SHAPES)
def test_no_shape_of_an_address_leads_off_the_list(shape: str, ask: Asking, listener: Listener, names: Names) -> None:
    names["listed.example"] = [["127.0.0.1"]]
    with connections() as tried, pytest.raises((httpx2.TransportError, httpx2.InvalidURL)):
        ask(shape.format(port=listener.port), ["listed.example", f"listed.example:{listener.port}"], False)
    assert (tried, listener.came) == ([], 0)


@pytest.mark.parametrize(
    "inner", ["127.0.0.1", "::1", "::ffff:127.0.0.1", "169.254.169.254", "64:ff9b::7f00:1", "::127.0.0.1", "224.0.0.1"]
)
@pytest.mark.parametrize("others", [[], ["93.184.215.14"], ["2606:4700::1111"]])
def test_a_name_with_one_inner_address_is_not_connected_to_at_all(
    inner: str, others: list[str], ask: Asking, listener: Listener, names: Names
) -> None:
    names["crm.example.org"] = [[*others, inner]]
    with connections() as tried, pytest.raises(outgoing.Refused):
        ask(f"https://crm.example.org:{listener.port}/", [f"crm.example.org:{listener.port}"], False)
    assert (tried, listener.came) == ([], 0)


def test_a_name_that_changes_its_answer_gains_nothing(
    ask: Asking, sealed: Listener, names: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    """127.0.0.9 stands for a public address: what was judged is connected to, and the next look is judged anew."""
    judged = addresses.is_inside
    outside = ipaddress.ip_address("127.0.0.9")
    monkeypatch.setattr(addresses, "is_inside", lambda address: address != outside and judged(address))
    names["crm.example.org"] = [["127.0.0.9"], ["127.0.0.1"]]
    url, hosts = f"https://crm.example.org:{sealed.port}/", [f"crm.example.org:{sealed.port}"]
    with connections() as tried:
        assert ask(url, hosts, False).text == "hello"
        with pytest.raises(outgoing.Refused):
            ask(url, hosts, False)
    assert tried == [("127.0.0.9", sealed.port)]
    assert sealed.names == ["crm.example.org"]
    assert sealed.heard[0][2]["Host"] == f"crm.example.org:{sealed.port}"


def test_a_hundred_changing_answers_lead_nowhere(ask: Asking, listener: Listener, names: Names) -> None:
    names["crm.example.org"] = [["127.0.0.1"] if turn % 2 else ["169.254.169.254"] for turn in range(100)]
    with connections() as tried:
        for _ in range(50):
            with pytest.raises(outgoing.Refused):
                ask(f"https://crm.example.org:{listener.port}/", [f"crm.example.org:{listener.port}"], False)
    assert (tried, listener.came) == ([], 0)


@pytest.mark.parametrize(
    "there", ["127.0.0.1", "127.0.0.2", "[::1]", "localhost"], ids=["loopback", "another", "six", "by name"]
)
def test_an_inner_address_is_reached_where_the_connection_says_so(there: str, ask: Asking, listener: Listener) -> None:
    assert ask(f"http://{there}:{listener.port}/", [f"{there}:{listener.port}"], True).text == "hello"
    assert listener.came == 1


@pytest.mark.parametrize(
    "never", ["169.254.169.254", "fd00:ec2::254", "100.100.100.200", "0.0.0.0", "224.0.0.1", "fe80::1", "::127.0.0.1"]
)
def test_where_clouds_keep_their_keys_is_reached_by_no_connection(
    never: str, ask: Asking, listener: Listener, names: Names
) -> None:
    names["crm.example.org"] = [[never]]
    with connections() as tried, pytest.raises(outgoing.Refused):
        ask(f"http://crm.example.org:{listener.port}/", [f"crm.example.org:{listener.port}"], True)
    assert tried == []


def test_nothing_goes_outside_the_house_in_the_open(ask: Asking, listener: Listener, names: Names) -> None:
    names["crm.example.org"] = [["93.184.215.14"]]
    with connections() as tried, pytest.raises(outgoing.Refused):
        ask("http://crm.example.org/", ["crm.example.org"], True)
    assert tried == []


@pytest.mark.parametrize("port", [22, 25, 6379, 8080])
def test_a_port_is_named_or_not_asked(port: int, ask: Asking) -> None:
    with connections() as tried, pytest.raises(outgoing.Refused):
        ask(f"https://crm.example.org:{port}/", ["crm.example.org", "crm.example.org:8443"], True)
    assert tried == []


@pytest.mark.parametrize(
    "host", ["", " ", "*", "*.example.org", "127.1", "0x7f.1", "a/b", "a@b", "http://a", "a..b", "-", "fe80::1%lo"]
)
def test_what_is_no_host_stands_on_no_list(host: str) -> None:
    with pytest.raises(ValueError, match=r"is no host|[Ii]nvalid"):
        outgoing.session([host], private=True, seconds=1)
