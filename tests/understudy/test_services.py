"""A process that never becomes ready is told in one line, and does not stay behind."""

from pathlib import Path

import pytest

from understudy.errors import UsageError
from understudy.services import service


def test_a_command_that_ends_at_once_is_told_with_its_last_words(tmp_path: Path) -> None:
    arguments = ["doctor", "--no-such-option"]
    with pytest.raises(UsageError, match=r"did not become ready.*no-such-option"), service(arguments, tmp_path / "log"):
        pass
