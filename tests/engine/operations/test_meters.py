from prometheus_client.parser import text_string_to_metric_families

from engine.operations.meters import Meters, State


def test_the_exposition_is_read_by_prometheus_own_parser() -> None:
    meters = Meters(lambda: State(2, 3, 1, False, None), "0.1.0", "d1g3st")
    meters.started.inc()
    meters.errors.labels("job_error").inc(2)
    meters.lateness.observe(-0.07)
    found = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(meters.exposition().decode())
        for sample in family.samples
    }
    assert found["understudy_sessions",] == 2
    assert found["understudy_places",] == 3
    assert found["understudy_streams_waiting",] == 1
    assert found["understudy_draining",] == 0
    assert found["understudy_sessions_started_total",] == 1
    assert found["understudy_errors_total", "job_error"] == 2
    assert found["understudy_service_info", "0.1.0", "d1g3st"] == 1
    assert found["understudy_final_lateness_seconds_bucket", "-0.1"] == 0
    assert found["understudy_final_lateness_seconds_bucket", "-0.05"] == 1
    assert not any(name.startswith("understudy_real_time_factor") for name, *_ in found)


def test_two_services_do_not_share_meters() -> None:
    one, two = (Meters(lambda: State(0, 1, 0, True, 0.25), "0", "d") for _ in range(2))
    one.started.inc()
    assert b"understudy_sessions_started_total 0.0" in two.exposition()
    assert b"understudy_real_time_factor 0.25" in two.exposition()
    assert b"understudy_draining 1.0" in two.exposition()
