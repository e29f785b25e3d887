"""A folder's digest is the one that the loaded recogniser tells."""

import pytest

from engine.identity import folder_digest
from engine.recogniser import GRAPH_FOLDER, Recogniser
from understudy.models import shipped_versions

SHIPPED = [*shipped_versions().values(), *shipped_versions("enhanced").values()]


@pytest.mark.parametrize("folder", SHIPPED, ids=lambda folder: folder.name)
def test_digest_without_loading_is_the_loaded_one(folder) -> None:
    assert folder_digest(folder, GRAPH_FOLDER) == Recogniser.load(folder).digest


def test_versions_differ() -> None:
    digests = [folder_digest(folder, GRAPH_FOLDER) for folder in SHIPPED]
    assert len(set(digests)) == len(digests) >= 4
