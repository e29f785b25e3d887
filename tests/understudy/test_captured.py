"""What a gate plays of a store."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from understudy.captured import EMBEDDED_TRAFFIC, read_store


def test_a_shadows_answer_is_no_second_case_of_the_same_speech(tmp_path: Path) -> None:
    store = tmp_path / "store"
    shutil.copytree(EMBEDDED_TRAFFIC, store)
    whole = read_store(store, tmp_path / "audio")
    tags = sorted(store.glob("*.tags.json"))[0]
    told = json.loads(tags.read_text())
    told["tags"] = {**told.get("tags", {}), "arm": "candidate"}
    tags.write_text(json.dumps(told))
    rest = read_store(store, tmp_path / "audio")
    assert len(rest.cases) == len(whole.cases) - 1
    assert rest.problems == []
