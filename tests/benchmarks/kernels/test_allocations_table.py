"""The table of allocations a chunk: our own step asks for nothing, in the engine for one array."""

import pytest

from benchmarks.kernels.allocations import NoCounterError, counter_library
from benchmarks.kernels.allocations.__main__ import main


@pytest.mark.slow
def test_the_own_step_asks_for_nothing_and_its_peers_for_thousands(capsys):
    try:
        counter_library()
    except NoCounterError as why:
        pytest.skip(str(why))
    main(["--streams", "2"])
    rows = [line.strip("| ").split(" | ") for line in capsys.readouterr().out.splitlines()[2:]]
    requests = {arm: int(count.replace(",", "")) for arm, _, count, *_ in rows}
    assert requests["own step"] == 0
    assert requests["own body"] <= 1
    assert requests["ONNX Runtime"] > 1000
    assert requests.get("torch eager", 10_000) > 5000
