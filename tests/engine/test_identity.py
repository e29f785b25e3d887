"""A folder's digest is the one that the loaded recogniser tells."""

import pytest

from engine.identity import folder_digest
from engine.recogniser import GRAPH_FOLDER, Recogniser
from understudy.models import shipped_versions


@pytest.mark.parametrize("folder", shipped_versions().values(), ids=lambda folder: folder.name)
def test_digest_without_loading_is_the_loaded_one(folder) -> None:
    assert folder_digest(folder, GRAPH_FOLDER) == Recogniser.load(folder).digest


def test_versions_differ() -> None:
    digests = [folder_digest(folder, GRAPH_FOLDER) for folder in shipped_versions().values()]
    assert len(set(digests)) == len(digests) >= 2
