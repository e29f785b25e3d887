from engine.operations.load import WINDOW, RecentLoad

SECOND = 1_000_000_000


def test_only_the_last_minute_counts() -> None:
    load = RecentLoad()
    assert load.real_time_factor(0) is None
    load.add(SECOND, SECOND, 2 * SECOND)
    assert load.real_time_factor(SECOND) == 0.5
    load.add(WINDOW, SECOND // 10, 2 * SECOND)
    assert load.real_time_factor(WINDOW) == 1.1 / 4
    assert load.real_time_factor(WINDOW + SECOND) == 0.05
    assert load.real_time_factor(3 * WINDOW) is None
