import pytest

from engine.operations.documents.openapi import openapi
from engine.operations.routes import ROUTES


@pytest.mark.parametrize("guarded", [False, True])
def test_the_document_is_valid_openapi(guarded: bool) -> None:
    validator = pytest.importorskip("openapi_spec_validator", reason="openapi-spec-validator is not installed (dev)")
    validator.validate(openapi("0.1.0", "http://localhost:9000", guarded))


def test_a_guarded_service_says_what_it_asks_for() -> None:
    for guarded in (False, True):
        paths = openapi("0.1.0", "http://localhost:9000", guarded)["paths"]
        for route in ROUTES:
            operation = paths[route.path]["get"]
            assert ("security" in operation) is (guarded and route.guarded)
            assert ("401" in operation["responses"]) is (guarded and route.guarded)
