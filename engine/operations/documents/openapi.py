"""The OpenAPI 3.1 document of the service's plain HTTP, from the same table by which it is served."""

from __future__ import annotations

from typing import Any

from engine.operations.routes import ROUTES, Route


def openapi(version: str, url: str, guarded: bool) -> dict[str, Any]:
    """The document.

    Args:
        version: of the service.
        url: of the service, without a path.
        guarded: whether it asks for a key or a token.
    """
    return {
        "openapi": "3.1.0",
        "info": {"title": "Understudy", "version": version, "description": "Sessions are described by /asyncapi.json."},
        "servers": [{"url": url}],
        "paths": {route.path: {"get": _operation(route, guarded)} for route in ROUTES},
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": "An API key or a token (JWT)."},
                "jwt": {"type": "apiKey", "in": "query", "name": "jwt", "description": "A token, from a browser."},
            }
        },
    }


def _operation(route: Route, guarded: bool) -> dict[str, Any]:
    responses = {
        str(int(reply.status)): _response(reply.about, reply.content_type, reply.schema) for reply in route.replies
    }
    asks = guarded and route.guarded
    if asks:
        responses["401"] = _response("No key or token, or one that is not valid here.", "text/plain", None)
        responses["403"] = _response("A revoked key, or a token for another service.", "text/plain", None)
    operation: dict[str, Any] = {"summary": route.about, "operationId": route.name, "responses": responses}
    if route.query:
        operation["parameters"] = [
            {"in": "query", "name": name, "required": False, "schema": schema} for name, schema in route.query.items()
        ]
    if asks:
        operation["security"] = [{"bearer": []}, {"jwt": []}]
    return operation


def _response(about: str, content_type: str | None, schema: dict[str, Any] | None) -> dict[str, Any]:
    response: dict[str, Any] = {"description": about}
    if content_type is not None:
        response["content"] = {content_type: {"schema": schema or {"type": "string"}}}
    return response
