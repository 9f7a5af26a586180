"""HAProxy's configuration on an Azure firewall, as text."""

from dataclasses import replace
from ipaddress import IPv4Network

from agents.render.haproxy import firewall_configuration
from lab.contract.firewall import ApplicationRule, Firewall

NODES = (IPv4Network("10.1.0.0/22"), IPv4Network("10.2.0.0/22"))
NO_ADS = ApplicationRule(
    name="ads/no",
    allow=False,
    sources=NODES[:1],
    fqdns=("*.ads.example",),
    http_ports=(80,),
    https_ports=(443,),
)
WEB = ApplicationRule(
    name="web/sites",
    allow=True,
    sources=NODES,
    fqdns=("www.example.com", "*.example.org", "a.example"),
    http_ports=(80, 8080),
)
TEXT = """\
# What an Azure firewall's application rules let through.
global
    nbthread 1
    maxconn 4096

defaults
    timeout connect 5s
    timeout client 10m
    timeout server 10m
    timeout http-request 10s
    timeout http-keep-alive 30s

frontend http
    bind :3128
    mode http
    # ads/no
    acl from_0 src 10.1.0.0/22
    acl port_0 dst_port 80
    acl name_0 req.hdr(host),field(1,:),lower -m end .ads.example
    http-request return status 403 content-type text/plain lf-string "HTTP request from %ci:%cp to %[req.hdr(host)]. Action: Deny. Reason: Rule: ads/no. Proceeding with default action." if from_0 port_0 name_0
    # web/sites
    acl from_1 src 10.1.0.0/22 10.2.0.0/22
    acl port_1 dst_port 80 8080
    acl name_1 req.hdr(host),field(1,:),lower -m str www.example.com a.example
    acl name_1 req.hdr(host),field(1,:),lower -m end .example.org
    http-request allow if from_1 port_1 name_1
    http-request return status 403 content-type text/plain lf-string "HTTP request from %ci:%cp to %[req.hdr(host)]. Action: Deny. Reason: No rule matched. Proceeding with default action."
    default_backend http

backend http
    mode http
    http-reuse never
    server original 0.0.0.0

frontend https
    bind :3129
    mode tcp
    tcp-request inspect-delay 5s
    # ads/no
    acl from_0 src 10.1.0.0/22
    acl port_0 dst_port 443
    acl name_0 req.ssl_sni,lower -m end .ads.example
    tcp-request content reject if from_0 port_0 name_0
    tcp-request content reject
    default_backend https

backend https
    mode tcp
    server original 0.0.0.0
"""  # noqa: E501


def test_rules_are_asked_in_their_order_and_the_rest_is_denied() -> None:
    assert (
        firewall_configuration(Firewall(application_rules=(NO_ADS, WEB), denied_status=403)) == TEXT
    )


def test_any_name_is_a_name_all_the_same() -> None:
    """TLS without a server name is never let through."""
    text = firewall_configuration(Firewall(application_rules=(replace(NO_ADS, fqdns=("*",)),)))
    assert "acl name_0 req.ssl_sni,lower -m found\n" in text
