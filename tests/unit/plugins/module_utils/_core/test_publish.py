# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import ANY, Binding
from ansible_collections.dockmaster.ports.plugins.module_utils._core.publish import (
    PublishError,
    text_of,
    want_of,
    wants_of,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._core.want import Want

hypothesis = pytest.importorskip("hypothesis")
given, st = hypothesis.given, hypothesis.strategies

FORM = "[IP:][HOST_PORT:]CONTAINER_PORT[/PROTOCOL], such as 127.0.0.1:8080:80/tcp"
PORT = "a port or a rising range of ports within 1-65535"

READS = [
    # entry, ip, protocol, first, last, choice, target, targets, mode
    ("8080:80", "*", "tcp", 8080, 8080, "all", 80, 1, ""),
    ("80", "*", "tcp", 0, 0, "all", 80, 1, ""),
    ("80/udp", "*", "udp", 0, 0, "all", 80, 1, ""),
    ("3000-3005", "*", "tcp", 0, 0, "all", 3000, 6, ""),
    ("53:53/udp", "*", "udp", 53, 53, "all", 53, 1, ""),
    ("6060:6060/SCTP", "*", "sctp", 6060, 6060, "all", 6060, 1, ""),
    ("80:80/", "*", "tcp", 80, 80, "all", 80, 1, ""),
    ("9090-9091:8080-8081", "*", "tcp", 9090, 9091, "all", 8080, 2, ""),
    ("8000-8010:80", "*", "tcp", 8000, 8010, "any", 80, 1, ""),
    ("8000-8000:80", "*", "tcp", 8000, 8000, "all", 80, 1, ""),
    ("127.0.0.1:8080:80/tcp", "127.0.0.1", "tcp", 8080, 8080, "all", 80, 1, ""),
    ("127.0.0.1:8000-8009:80", "127.0.0.1", "tcp", 8000, 8009, "any", 80, 1, ""),
    ("127.0.0.1::80", "127.0.0.1", "tcp", 0, 0, "all", 80, 1, ""),
    ("0.0.0.0:80:80", "0.0.0.0", "tcp", 80, 80, "all", 80, 1, ""),
    (":80:80", "*", "tcp", 80, 80, "all", 80, 1, ""),
    ("::80", "*", "tcp", 0, 0, "all", 80, 1, ""),
    (":80", "*", "tcp", 0, 0, "all", 80, 1, ""),
    ("[]:80:80", "*", "tcp", 80, 80, "all", 80, 1, ""),
    ("[::1]:8080:80", "::1", "tcp", 8080, 8080, "all", 80, 1, ""),
    ("[::1]::80", "::1", "tcp", 0, 0, "all", 80, 1, ""),
    ("::1:6000:6000", "::1", "tcp", 6000, 6000, "all", 6000, 1, ""),
    (":::6000:6000", "::", "tcp", 6000, 6000, "all", 6000, 1, ""),
    ("[::]:80:80", "::", "tcp", 80, 80, "all", 80, 1, ""),
    ("[127.0.0.1]:80:80", "127.0.0.1", "tcp", 80, 80, "all", 80, 1, ""),
    ("[2001:DB8:0::1]:80:80", "2001:db8::1", "tcp", 80, 80, "all", 80, 1, ""),
    ("::ffff:10.0.0.5:80:80", "10.0.0.5", "tcp", 80, 80, "all", 80, 1, ""),
    ("0:80", "*", "tcp", 0, 0, "all", 80, 1, ""),
    ("0-0:80", "*", "tcp", 0, 0, "all", 80, 1, ""),
    ("+8080:080", "*", "tcp", 8080, 8080, "all", 80, 1, ""),
    ("00000080:80", "*", "tcp", 80, 80, "all", 80, 1, ""),
    ("65535:65535", "*", "tcp", 65535, 65535, "all", 65535, 1, ""),
    # bare bindings
    ("0.0.0.0:8080/tcp", "0.0.0.0", "tcp", 8080, 8080, "all", 0, 1, ""),
    ("127.0.0.1:53/udp", "127.0.0.1", "udp", 53, 53, "all", 0, 1, ""),
    ("*:8080/tcp", "*", "tcp", 8080, 8080, "all", 0, 1, ""),
    ("[::]:8000-8010/TCP", "::", "tcp", 8000, 8010, "all", 0, 1, ""),
    # as docker service create takes it
    ("published=8080,target=80", "*", "tcp", 8080, 8080, "all", 80, 1, ""),
    ("target=80,published=53,protocol=udp,mode=host", "*", "udp", 53, 53, "all", 80, 1, "host"),
    # whole numbers
    (80, "*", "tcp", 0, 0, "all", 80, 1, ""),
    (8080, "*", "tcp", 0, 0, "all", 8080, 1, ""),
    # long forms
    ({"target": 80}, "*", "tcp", 0, 0, "all", 80, 1, ""),
    ({"target": "80", "published": ""}, "*", "tcp", 0, 0, "all", 80, 1, ""),
    ({"target": 80, "published": 0}, "*", "tcp", 0, 0, "all", 80, 1, ""),
    (
        {
            "target": 80,
            "published": 8080,
            "host_ip": "127.0.0.1",
            "protocol": "UDP",
            "mode": "ingress",
            "name": "web",
            "app_protocol": "http",
            "x-note": 1,
        },
        "127.0.0.1",
        "udp",
        8080,
        8080,
        "all",
        80,
        1,
        "ingress",
    ),
    ({"target": 80, "published": "8000-8010"}, "*", "tcp", 8000, 8010, "any", 80, 1, ""),
    ({"target": 80, "published": 80, "host_ip": "::1", "mode": "host"}, "::1", "tcp", 80, 80, "all", 80, 1, "host"),
    (
        {"published_port": 443, "target_port": 8443, "protocol": "tcp", "mode": "host"},
        "*",
        "tcp",
        443,
        443,
        "all",
        8443,
        1,
        "host",
    ),
]


@pytest.mark.parametrize("entry, ip, protocol, first, last, choice, target, targets, mode", READS)
def test_reads(entry, ip, protocol, first, last, choice, target, targets, mode):
    want = want_of(entry, "shop/web")

    expected = Want(Binding(ip, protocol, first, last), want.publish, "shop/web", choice, target, mode, targets)
    assert want == expected
    assert want_of(want.publish, "shop/web") == expected  # anybody can ask again in the same words


SOMEBODYS = [
    ({"publish": "8080:80", "by": "shop/web"}, "8080:80", "shop/web", 1),
    ({"publish": "8080:80"}, "8080:80", "default", 1),
    ({"publish": {"target": 80, "published": 8080}, "by": "shop/web", "replica": 2}, "8080:80", "shop/web", 2),
]


@pytest.mark.parametrize("entry, publish, by, replica", SOMEBODYS)
def test_a_want_of_somebody_else(entry, publish, by, replica):
    want = want_of(entry, "default")

    assert (want.publish, want.by, want.replica) == (publish, by, replica)
    assert want.binding == want_of(publish).binding


REFUSES = [
    ("90-80:80", f"'90-80' is not {PORT}: it is the host port of '90-80:80', expected one such as 8080 or 8000-8010"),
    ("80-79", f"'80-79' is not {PORT}: it is the container port of '80-79', expected one such as 8080 or 8000-8010"),
    ("1e3", f"'1e3' is not {PORT}: it is the container port of '1e3', expected one such as 8080 or 8000-8010"),
    ("-1:80", f"'-1' is not {PORT}: it is the host port of '-1:80', expected one such as 8080 or 8000-8010"),
    ("65536:80", f"'65536' is not {PORT}: it is the host port of '65536:80', expected one such as 8080 or 8000-8010"),
    ("8080:0", f"'0' is not {PORT}: it is the container port of '8080:0', expected one such as 8080 or 8000-8010"),
    ("0-9:80", f"'0-9' is not {PORT}: it is the host port of '0-9:80', expected one such as 8080 or 8000-8010"),
    (" 80", f"' 80' is not {PORT}: it is the container port of ' 80', expected one such as 8080 or 8000-8010"),
    ("8_0", f"'8_0' is not {PORT}: it is the container port of '8_0', expected one such as 8080 or 8000-8010"),
    ("٨٠", f"'٨٠' is not {PORT}: it is the container port of '٨٠', expected one such as 8080 or 8000-8010"),
    ("1-2-3", f"'1-2-3' is not {PORT}: it is the container port of '1-2-3', expected one such as 8080 or 8000-8010"),
    ("web:80", f"'web' is not {PORT}: it is the host port of 'web:80', expected one such as 8080 or 8000-8010"),
    ("127.0.0.1:0/tcp",
     f"'0' is not {PORT}: it is the port of '127.0.0.1:0/tcp', expected one such as 8080 or 8000-8010"),
    ("127.0.0.1:80", "'127.0.0.1:80' has an address and one port: expected IP:HOST_PORT:CONTAINER_PORT, such as "
     "127.0.0.1:80:80, or a bare binding with its protocol, such as 127.0.0.1:80/tcp"),
    ("8000-8002:80-81", "'8000-8002:80-81' has 3 host ports for 2 container ports: "
     "expected as many of the one as of the other, such as 8000-8001:80-81"),
    ("8000:80-81", "'8000:80-81' has 1 host port for 2 container ports: "
     "expected as many of the one as of the other, such as 8000-8001:80-81"),
    ("80/icmp", "'80/icmp' has protocol 'icmp': expected tcp, udp or sctp, such as 8080:80/tcp"),
    ("80/tcp/udp", "'80/tcp/udp' has protocol 'tcp/udp': expected tcp, udp or sctp, such as 8080:80/tcp"),
    ("", f"'' has no container port: expected {FORM}"),
    ("8080:", f"'8080:' has no container port: expected {FORM}"),
    ("/tcp", f"'/tcp' has no container port: expected {FORM}"),
    ("localhost:80:80", "'localhost:80:80' has address 'localhost', which is not an IP address: "
     "expected one such as 127.0.0.1 or [::1], for names are not resolved"),
    ("::1:80", "'::1:80' has address ':', which is not an IP address: "
     "an IPv6 address stands before two ports, best in brackets, such as [::1]:8080:80"),
    ("fe80::1%eth0:80:80", "'fe80::1%eth0:80:80' has address 'fe80::1%eth0', which is not an IP address: "
     "an IPv6 address stands before two ports, best in brackets, such as [::1]:8080:80"),
    ("127.0.0.01:80:80", "'127.0.0.01:80:80' has address '127.0.0.01', which is not an IP address: "
     "expected one such as 127.0.0.1 or [::1]"),
    ("10.0.0.0/8:80:80", "'10.0.0.0/8:80:80' has address '10.0.0.0/8', which is not an IP address: "
     "expected one such as 127.0.0.1 or [::1]"),
    ("*:8080:80", "'*:8080:80' has address '*', which is not an IP address: "
     "leave it out for every address, such as 8080:80"),
    ("a=b", "'a' is not a key of a published port: "
     "expected name, target, published, host_ip, protocol, mode, app_protocol"),
    (0, f"0 is not a container port within 1-65535: expected {FORM}"),
    (-5, f"-5 is not a container port within 1-65535: expected {FORM}"),
    (1342, '1342 is 22:22 as YAML reads it without quotes, in base 60: write "22:22" in quotes, '
     'or "1342" in quotes if container port 1342 is meant'),
    (133342, "133342 is not a container port within 1-65535, but 2222:22 as YAML reads it without quotes, in base 60: "
     'write "2222:22" in quotes'),
    (99999999, f"99999999 is not a container port within 1-65535: expected {FORM}"),
    (1.5, f"1.5 (float) is not a published port: expected {FORM}"),
    (True, f"True (bool) is not a published port: expected {FORM}"),
    (None, f"None (NoneType) is not a published port: expected {FORM}"),
    (["80"], f"['80'] (list) is not a published port: expected {FORM}"),
    ({"published": 80}, "{'published': 80} has no target: "
     "expected the container port, such as {'target': 80, 'published': 80}"),
    ({"target": 80, "port": 1}, "'port' is not a key of a published port: "
     "expected name, target, published, host_ip, protocol, mode, app_protocol"),
    ({"target": 80, "target_port": 1}, "'target_port' says again what 'target' says: expected one of the two"),
    ({"target": 80, "published": 1.5}, "1.5 (float) is not a port: it is published, expected one such as 8080"),
    ({"target": 80, "published": True}, "True (bool) is not a port: it is published, expected one such as 8080"),
    ({"target": 80, "published": "9-8"},
     f"'9-8' is not {PORT}: it is published, expected one such as 8080 or 8000-8010"),
    ({"target": "80-81", "published": "80"}, "{'target': '80-81', 'published': '80'} has 1 host port for 2 container "
     "ports: expected as many of the one as of the other, such as 80-81:80-81"),
    ({"target": 80, "host_ip": "[::1]"},
     "'[::1]' is not an IP address: it is host_ip, expected one such as 127.0.0.1 or ::1"),
    ({"target": 80, "host_ip": 1}, "1 (int) is not text: it is host_ip"),
    ({"target": 80, "protocol": "x"}, "'x' is not a protocol: expected tcp, udp or sctp"),
    ({"publish": "80", "port": 1}, "'port' is not a key beside publish: expected by and replica"),
    ({"publish": "80", "by": 1}, "1 (int) is not text: it is by, expected one such as shop/web"),
    ({"publish": "80", "replica": 0}, "0 is not the number of a replica: expected 1 or more"),
    ({"publish": "80", "replica": "2"}, "'2' is not the number of a replica: expected 1 or more"),
    ({"publish": "80", "replica": True}, "True is not the number of a replica: expected 1 or more"),
    ({"publish": {"publish": "80"}}, f"{{'publish': '80'}} has publish within publish: expected {FORM}"),
    ({"target": 80, "mode": "x"}, "'x' is not a mode of publishing: expected ingress or host"),
]  # fmt: skip


@pytest.mark.parametrize("entry, message", REFUSES)
def test_refuses(entry, message):
    with pytest.raises(PublishError) as refusal:
        wants_of([entry])

    assert str(refusal.value) == message


@pytest.mark.parametrize("number", [1220, 1281, 1342, 1525, 3233, 13342, 61342, 63233, 7525])
def test_a_number_that_looks_like_base_60_is_not_taken_for_a_port(number):
    with pytest.raises(PublishError, match=f"^{number} is [0-9]+:[0-9]+ as YAML reads it"):
        want_of(number)


# Ports of well-known services that are 60 * host + container of something plausible: 8000 is 133:20, 1433 is 23:53
@pytest.mark.parametrize(
    "number",
    [1, 22, 53, 80, 443, 1433, 1883, 3000, 3050, 3306, 4222, 5432, 6379, 8000, 8080, 8989, 9090, 9200, 27017, 65535],
)
def test_a_number_that_is_a_port_is_one(number):
    assert want_of(number).target == number


def test_a_single_entry_is_a_list_of_one():
    assert wants_of("8080:80") == wants_of(["8080:80"]) == (want_of("8080:80"),)
    assert wants_of({"target": 80}) == (want_of({"target": 80}),)
    assert wants_of(8080) == (want_of(8080),)


@pytest.mark.parametrize("publish", [None, b"80", object])
def test_refuses_what_is_no_list(publish):
    with pytest.raises(PublishError, match=r"is not a list of published ports: expected one such as \['8080:80'\]$"):
        wants_of(publish)


@pytest.mark.parametrize("by", [None, 5, ["shop/web"]])
def test_refuses_somebody_who_is_no_text(by):
    with pytest.raises(PublishError, match=r" is not text: it is by, expected one such as shop/web$"):
        wants_of(["80:80"], by)


def _pair(length):
    return st.integers(1, 65536 - length).map(lambda first: (first, first + length - 1))


@st.composite
def wants(draw):
    """Every want that a published port can be."""
    ip = draw(st.sampled_from([ANY, "0.0.0.0", "::", "127.0.0.1", "10.20.30.40", "::1", "2001:db8::7"]))
    protocol = draw(st.sampled_from(["tcp", "udp", "sctp"]))
    targets = draw(st.integers(1, 20))
    hosts = draw(st.sampled_from([0, targets] if targets > 1 else [0, 1, 5]))
    first, last = draw(_pair(hosts)) if hosts else (0, 0)
    target = draw(_pair(targets))[0]
    mode = draw(st.sampled_from(["", "host", "ingress"]))
    choice = "any" if hosts > targets else "all"
    if hosts == targets and not mode and draw(st.booleans()):
        return Want(Binding(ip, protocol, first, last), "", "by")
    return Want(Binding(ip, protocol, first, last), "", "by", choice, target, mode, targets)


@given(wants())
def test_what_is_printed_reads_the_same(want):
    text = text_of(want)

    again = want_of(text, "by")
    assert again == Want(want.binding, text, "by", want.choice, want.target, want.mode, want.targets)


@given(st.one_of(st.text("0123456789:-/+[].*tcpud =,%", max_size=30), st.text(), st.integers(), st.floats(), st.none()))
def test_whatever_comes_is_a_want_or_refused(entry):
    try:
        want = want_of(entry)
    except PublishError as refusal:
        assert "\n" not in str(refusal)
    else:
        assert 0 <= want.binding.first <= want.binding.last <= 65535


@given(
    st.dictionaries(
        st.sampled_from(["target", "published", "host_ip", "protocol", "mode", "x-a", "y"]),
        st.one_of(st.integers(), st.text(max_size=8), st.none(), st.booleans(), st.floats()),
    )
)
def test_whatever_mapping_comes_is_a_want_or_refused(entry):
    try:
        want_of(entry)
    except PublishError as refusal:
        assert "\n" not in str(refusal)
