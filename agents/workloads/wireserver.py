"""What the host answers over HTTP at 168.63.129.16 (semantics 2.4), without I/O."""

from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

import h11

from agents.workloads.exchange import Answer, Respond

_XML = b"text/xml; charset=utf-8"

_INTERFACES = {"comp": ["nmagent"], "type": ["getinterfaceinfov1"]}

_VERSIONS = """\
<?xml version="1.0" encoding="utf-8"?>
<Versions>
  <Preferred><Version>2015-04-05</Version></Preferred>
  <Supported><Version>2015-04-05</Version></Supported>
</Versions>
"""


def wireserver(interfaces: str) -> Respond:
    """Answers for the machine whose network interface the XML text `interfaces` tells."""

    def respond(request: h11.Request) -> Answer:
        target = urlsplit(request.target.decode(errors="replace"))
        query = parse_qs(target.query)
        if request.method != b"GET":
            return _xml("", status=HTTPStatus.METHOD_NOT_ALLOWED)
        if target.path == "/machine/plugins" and _INTERFACES.items() <= query.items():
            return _xml(interfaces)
        if target.path == "/" and query.get("comp") == ["versions"]:
            return _xml(_VERSIONS)
        return _xml("", status=HTTPStatus.NOT_FOUND)

    return respond


def _xml(text: str, *, status: int = HTTPStatus.OK) -> Answer:
    return Answer(status=status, body=text.encode(), content_type=_XML)
