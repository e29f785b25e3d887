from typing import Any

import numpy as np

from engine.operations.costing import MEASURED, SETTLE, measure_costs


def test_every_batch_size_and_operating_point_is_timed(loudness: Any, speak: Any) -> None:
    class Clock:
        now = 0

        def __call__(self) -> int:
            self.now += 1_000 * len(loudness.batches)
            return self.now

    speech = (speak("one two three four") * 32_767).astype(np.int16)
    table = measure_costs(loudness, speech, 6, Clock())
    assert list(table.steps) == list(loudness.models)
    for rows in table.steps.values():
        assert [row.streams for row in rows] == [1, 2, 4, 6]
        costs = [row.nanoseconds for row in rows]
        assert costs == sorted(costs)
        assert costs[0] > 0
    assert table.chunk == 320_000_000
    assert loudness.batches == [size for size in (1, 2, 4, 6) for _ in range(SETTLE + MEASURED)] * len(loudness.models)
