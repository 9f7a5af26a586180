"""The platform's services to messages and back."""

from functools import lru_cache

from lab.contract import wire
from lab.contract.platform import DnsRecordSet, DnsRecordType, DnsZone, Platform
from lab.contract.v1 import node_state_pb2 as pb

_TYPE_TO_WIRE = {
    DnsRecordType.A: pb.DNS_RECORD_TYPE_A,
    DnsRecordType.AAAA: pb.DNS_RECORD_TYPE_AAAA,
    DnsRecordType.CNAME: pb.DNS_RECORD_TYPE_CNAME,
    DnsRecordType.MX: pb.DNS_RECORD_TYPE_MX,
    DnsRecordType.PTR: pb.DNS_RECORD_TYPE_PTR,
    DnsRecordType.SRV: pb.DNS_RECORD_TYPE_SRV,
    DnsRecordType.TXT: pb.DNS_RECORD_TYPE_TXT,
}
_TYPE_FROM_WIRE: dict[int, DnsRecordType] = {number: kind for kind, number in _TYPE_TO_WIRE.items()}


def platform_to_wire(platform: Platform) -> pb.Platform:
    """The message of the services behind a port."""
    return pb.Platform(zones=map(zone_to_wire, platform.zones))


def platform_from_wire(message: pb.Platform) -> Platform:
    """The services of a message; raises `CodecError` for a record type that there isn't."""
    return Platform(zones=tuple(map(zone_from_wire, message.zones)))


def zone_to_wire(zone: DnsZone) -> pb.DnsZone:
    """The message of a zone."""
    # Messages behind one another are one message: of hundreds of names few are new.
    message = pb.DnsZone.FromString(b"".join(map(_record_set_alone, zone.record_sets)))
    message.name = zone.name
    return message


@lru_cache(maxsize=8192)
def _record_set_alone(record_set: DnsRecordSet) -> bytes:
    """A zone with nothing but `record_set`."""
    message = pb.DnsRecordSet(
        name=record_set.name,
        type=_TYPE_TO_WIRE[record_set.type],
        ttl=record_set.ttl,
        data=record_set.data,
    )
    return pb.DnsZone(record_sets=[message]).SerializeToString()


@wire.remembered(of=pb.DnsZone, most=64)
def zone_from_wire(message: pb.DnsZone) -> DnsZone:
    """The zone of a message; raises `CodecError` for a record type that there isn't."""
    return DnsZone(
        name=message.name,
        record_sets=tuple(
            DnsRecordSet(
                name=each.name,
                type=wire.enum_from_wire(_TYPE_FROM_WIRE, each.type),
                ttl=each.ttl,
                data=tuple(each.data),
            )
            for each in message.record_sets
        ),
    )
