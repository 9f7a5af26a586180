"""The instance metadata service's answers (semantics 2.4), without I/O."""

import json
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

import h11

from agents.workloads.exchange import Answer, Respond, json_answer

VERSIONS = ("2021-02-01", "2021-12-13", "2023-07-01")
"""What ``api-version`` may be, and everything between the first and the last."""


def metadata_service(document: str) -> Respond:
    """Answers for the machine whose metadata is the JSON text `document`."""

    def respond(request: h11.Request) -> Answer:
        return _answer(request, document)

    return respond


def _answer(request: h11.Request, document: str) -> Answer:
    target = urlsplit(request.target.decode(errors="replace"))
    query = {key.lower(): values[-1] for key, values in parse_qs(target.query).items()}
    steps = [step for step in target.path.split("/") if step]
    if refused := _refused(request):
        return refused
    if steps == ["metadata", "versions"]:
        return json_answer({"apiVersions": list(VERSIONS)})
    if not VERSIONS[0] <= query.get("api-version", "") <= VERSIONS[-1]:
        why = "Bad request. api-version is invalid or was not specified in the request."
        newest = list(reversed(VERSIONS))
        return json_answer({"error": why, "newest-versions": newest}, status=HTTPStatus.BAD_REQUEST)
    try:
        return _shown(
            _below({"metadata": {"instance": json.loads(document)}}, steps),
            query.get("format", "json"),
        )
    except LookupError:
        return _refusal(HTTPStatus.NOT_FOUND, "Not found")


def _refused(request: h11.Request) -> Answer | None:
    """Why a request is none of the machine's own programs; None: it is one."""
    headers = {name: value.strip().lower() for name, value in request.headers}
    if request.method != b"GET":
        return _refusal(HTTPStatus.METHOD_NOT_ALLOWED, "Method not allowed")
    if headers.get(b"metadata") != b"true":
        why = "Bad request. Required metadata header not specified"
        return _refusal(HTTPStatus.BAD_REQUEST, why)
    if b"x-forwarded-for" in headers:
        # What a proxy passes on was asked by somebody else.
        return _refusal(HTTPStatus.BAD_REQUEST, "Bad request. X-Forwarded-For header present")
    return None


def _below(value: Any, steps: list[str]) -> Any:  # noqa: ANN401
    """Step into objects by name and into lists by number. Raises `LookupError`."""
    for step in steps:
        if isinstance(value, list) and step.isdecimal():
            value = value[int(step)]
        elif isinstance(value, dict):
            value = value[step]
        else:
            raise LookupError(step)
    return value


def _shown(found: Any, form: str) -> Answer:  # noqa: ANN401
    """A leaf has to be asked for as text; as text, all else is a list of what is below."""
    if form == "json":
        if isinstance(found, dict | list):
            return Answer(status=HTTPStatus.OK, body=json.dumps(found).encode())
        return _refusal(HTTPStatus.BAD_REQUEST, "Bad request. A single value needs format=text")
    match found:
        case dict():
            names = [
                f"{key}/" if isinstance(each, dict | list) else key for key, each in found.items()
            ]
            text = "\n".join(names)
        case list():
            text = "\n".join(f"{number}/" for number in range(len(found)))
        case _:
            text = str(found)
    return Answer(
        status=HTTPStatus.OK, body=text.encode(), content_type=b"text/plain; charset=utf-8"
    )


def _refusal(status: HTTPStatus, why: str) -> Answer:
    return json_answer({"error": why}, status=status)
