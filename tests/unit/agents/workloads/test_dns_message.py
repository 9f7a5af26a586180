"""DNS as bytes."""

import dnslib
import pytest

from agents.workloads.dns_message import LARGEST_PAYLOAD, answer, failure
from agents.workloads.resolver import Resolver
from lab.contract.platform import DnsRecordSet, DnsRecordType, DnsZone

RECORDS = {
    DnsRecordType.A: ("10.0.0.1", "10.0.0.2"),
    DnsRecordType.AAAA: ("fd00::1",),
    DnsRecordType.MX: ("10 mail.corp.example",),
    DnsRecordType.PTR: ("www.corp.example",),
    DnsRecordType.SRV: ("0 5 8080 www.corp.example",),
    DnsRecordType.TXT: ('"two words" "three"',),
}
SHOWN = {
    DnsRecordType.MX: ("10 mail.corp.example.",),
    DnsRecordType.PTR: ("www.corp.example.",),
    DnsRecordType.SRV: ("0 5 8080 www.corp.example.",),
    DnsRecordType.TXT: ('"two words","three"',),
}
MANY = tuple(f"10.0.{high}.{low}" for high in range(4) for low in range(1, 100))


def resolver() -> Resolver:
    sets = [
        DnsRecordSet(name="all.corp.example", type=kind, ttl=60, data=data)
        for kind, data in RECORDS.items()
    ]
    many = DnsRecordSet(name="many.corp.example", type=DnsRecordType.A, ttl=60, data=MANY)
    return Resolver([DnsZone(name="", record_sets=(*sets, many))])


def ask(name: str, kind: str = "A", *, datagram: bool = True, edns: int = 0) -> dnslib.DNSRecord:
    question = dnslib.DNSRecord.question(name, kind)
    if edns:
        question.add_ar(dnslib.EDNS0(udp_len=edns))
    said = answer(question.pack(), resolver(), datagram=datagram)
    assert said is not None
    reply = dnslib.DNSRecord.parse(said)
    assert (reply.header.id, reply.header.qr, reply.header.ra) == (question.header.id, 1, 1)
    return reply


@pytest.mark.parametrize("kind", RECORDS)
def test_records_of_every_type_are_told(kind: DnsRecordType) -> None:
    reply = ask("all.corp.example", kind.value)
    assert [str(each.rdata) for each in reply.rr] == list(SHOWN.get(kind, RECORDS[kind]))
    assert {each.ttl for each in reply.rr} == {60}


def test_case_does_not_count_and_comes_back_as_it_was() -> None:
    reply = ask("ALL.corp.Example")
    assert [str(each.rname) for each in reply.rr] == ["ALL.corp.Example."] * 2


def test_what_there_is_not() -> None:
    assert ask("nobody.example").header.rcode == dnslib.RCODE.NXDOMAIN
    none = ask("all.corp.example", "NS")
    assert (none.header.rcode, none.rr) == (dnslib.RCODE.NOERROR, [])


def test_a_long_answer_is_cut_off_in_a_datagram_and_whole_over_tcp() -> None:
    short, long = ask("many.corp.example"), ask("many.corp.example", datagram=False)
    assert (short.header.tc, len(short.rr)) == (1, 0)
    assert (long.header.tc, len(long.rr)) == (0, len(MANY))


def test_edns_is_answered_with_edns() -> None:
    reply = ask("all.corp.example", edns=4096)
    assert [each.rtype for each in reply.ar] == [dnslib.QTYPE.OPT]
    assert reply.ar[0].edns_len == LARGEST_PAYLOAD


@pytest.mark.parametrize(
    "data",
    [b"", b"\0" * 11, b"\xff" * 40, dnslib.DNSRecord.question("a.b").reply().pack()],
    ids=["nothing", "short", "noise", "an answer"],
)
def test_what_is_no_question_is_not_answered(data: bytes) -> None:
    assert answer(data, resolver(), datagram=True) == b""


def test_who_passes_on_answers_for_its_own_zones_alone() -> None:
    record = DnsRecordSet(name="a.own", type=DnsRecordType.A, ttl=60, data=("10.0.0.1",))
    own = Resolver([DnsZone(name="own", record_sets=(record,))])

    def said(name: str) -> bytes | None:
        question = dnslib.DNSRecord.question(name).pack()
        return answer(question, own, datagram=True, passes_on=True)

    assert said("www.example.com") is None
    known, unknown = said("a.own"), said("b.own")
    assert known
    assert unknown
    assert dnslib.DNSRecord.parse(known).header.aa == 1
    assert dnslib.DNSRecord.parse(unknown).header.rcode == dnslib.RCODE.NXDOMAIN


def test_that_nobody_could_be_asked_is_said() -> None:
    question = dnslib.DNSRecord.question("www.example.com")
    reply = dnslib.DNSRecord.parse(failure(question.pack()))

    assert (reply.header.id, reply.header.rcode) == (question.header.id, dnslib.RCODE.SERVFAIL)
    assert failure(b"noise") == b""


def test_what_is_not_served_is_refused() -> None:
    notify = dnslib.DNSRecord.question("a.b")
    notify.header.opcode = dnslib.OPCODE.UPDATE
    chaos = dnslib.DNSRecord(q=dnslib.DNSQuestion("version.bind", qclass=dnslib.CLASS.CH))
    codes = [
        dnslib.DNSRecord.parse(answer(each.pack(), resolver(), datagram=True) or b"").header.rcode
        for each in (notify, chaos)
    ]
    assert codes == [dnslib.RCODE.NOTIMP, dnslib.RCODE.REFUSED]
