"""The OpenAPI document, made from the same rows and types that the routes are made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from evsim_locust.control.rest.endpoint import PATH_PARAMETERS, Endpoint, Failure, Subject

PATH: Final = "/api/v1/openapi.json"
_REFERENCE: Final = "#/components/schemas/{name}"
_ANYWHERE: Final = (401, 403, 421, 429)  # said of any request, before it reaches its endpoint
_WHY: Final[Mapping[int, str]] = {
    400: "not JSON, or a number that cannot be",
    401: "a token or a login is needed",
    403: "a change asked for by another site",
    404: "there is no such thing",
    409: "impossible now",
    413: "the body is larger than 1 MiB",
    421: "a Host that is not this one's",
    422: "something is missing, unknown or wrong",
    429: "too many changes",
    504: "its worker did not answer, or the history cannot be read",
}


def subject(others: Iterable[Subject], prefix: str) -> Subject:
    """The endpoint that gives the document of the others and of itself."""

    def openapi() -> msgspec.Raw:
        return encoded

    mine = Subject("openapi", (Endpoint(path=PATH, handle=openapi, summary="This document", answer=dict[str, Any]),))
    encoded = msgspec.Raw(msgspec.json.encode(document([*others, mine], prefix)))
    return mine


def document(subjects: Sequence[Subject], prefix: str) -> dict[str, Any]:
    """The document as JSON values; its paths are below `prefix`."""
    endpoints = [(subject.name, endpoint) for subject in subjects for endpoint in subject.endpoints]
    schemas = _Schemas([endpoint for _, endpoint in endpoints])
    paths: dict[str, dict[str, Any]] = {}
    for tag, endpoint in endpoints:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(tag, endpoint, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "EV station simulator", "version": "1", "description": "The swarm of stations under control"},
        "servers": [{"url": prefix or "/"}],
        "paths": paths,
        "components": {"schemas": schemas.components},
    }


class _Schemas:
    """JSON schemas of all types that endpoints name; structs that are no query are `components`."""

    def __init__(self, endpoints: Sequence[Endpoint]) -> None:
        queries = [endpoint.query for endpoint in endpoints if endpoint.query]
        bodies = [kind for endpoint in endpoints for kind in (endpoint.answer, endpoint.body) if kind is not None]
        kinds = [Failure, *PATH_PARAMETERS.values(), *bodies]
        found, self.components = msgspec.json.schema_components(kinds, ref_template=_REFERENCE)
        self._schemas = list(zip(kinds, found, strict=True))
        self._queries = {query: msgspec.json.schema(query)["$defs"][query.__name__] for query in queries}

    def of(self, kind: Any) -> dict[str, Any]:
        """The schema of a type, or a reference to it."""
        return next(schema for known, schema in self._schemas if known is kind)

    def parameters_of(self, query: type[msgspec.Struct] | None) -> dict[str, dict[str, Any]]:
        """The schema of each of a query's parameters."""
        properties: dict[str, dict[str, Any]] = self._queries[query]["properties"] if query else {}
        return properties


def _operation(tag: str, endpoint: Endpoint, schemas: _Schemas) -> dict[str, Any]:
    operation = {
        "operationId": endpoint.handle.__name__,
        "tags": [tag],
        "summary": endpoint.summary,
        "parameters": _parameters(endpoint, schemas),
        "responses": _responses(endpoint, schemas),
    }
    if endpoint.body is not None:
        content = _json(schemas.of(endpoint.body))
        operation["requestBody"] = {"required": not endpoint.body_may_be_empty, "content": content}
    return operation


def _parameters(endpoint: Endpoint, schemas: _Schemas) -> list[dict[str, Any]]:
    in_path = [
        {"name": name, "in": "path", "required": True, "schema": schemas.of(PATH_PARAMETERS[name])}
        for name in endpoint.path_parameters
    ]
    in_query = [
        {"name": name, "in": "query", "schema": schema}
        for name, schema in schemas.parameters_of(endpoint.query).items()
    ]
    return in_path + in_query


def _responses(endpoint: Endpoint, schemas: _Schemas) -> dict[str, Any]:
    failures = {
        str(status): {"description": _WHY[status], "content": _json(schemas.of(Failure))}
        for status in sorted(refusals(endpoint))
    }
    return {**_success(endpoint, schemas), **failures}


def _success(endpoint: Endpoint, schemas: _Schemas) -> dict[str, Any]:
    if endpoint.live:
        return {"101": {"description": endpoint.summary, "x-message": schemas.of(endpoint.answer)}}
    headers = {name: {"description": said, "schema": {"type": "string"}} for name, said in endpoint.headers.items()}
    content = {endpoint.media_type: {"schema": schemas.of(endpoint.answer)}}
    return {"200": {"description": "good", "headers": headers, "content": content}}


def refusals(endpoint: Endpoint) -> set[int]:
    """Every status but success that the endpoint may answer."""
    found = {*_ANYWHERE, *endpoint.refusals}
    if endpoint.path_parameters:
        found.add(404)
    if endpoint.query is not None:
        found.add(422)
    if endpoint.body is not None:
        found.update((400, 413, 422))
    if endpoint.live:
        found.add(400)
    return found


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}
