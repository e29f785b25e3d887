from engine.jobs.job import State
from engine.jobs.meters import JobMeters


def test_what_came_of_jobs_is_counted() -> None:
    times = iter([0, 0, 0, 3_000_000_000])
    meters = JobMeters(lambda: 7, "1.2.3", {"standard": "abc"}, lambda: next(times))
    began = [meters.begin() for _ in range(3)]
    meters.end(began[0], State.DONE, 160_000)
    meters.end(began[1], None)
    told = meters.exposition().decode()
    for line in (
        "understudy_jobs_queued 7.0",
        "understudy_jobs_running 1.0",
        'understudy_jobs_over_total{state="done"} 1.0',
        'understudy_jobs_over_total{state="interrupted"} 1.0',
        "understudy_jobs_audio_seconds_total 10.0",
        "understudy_jobs_work_seconds_total 3.0",
        'understudy_jobs_service_info{standard="abc",version="1.2.3"} 1.0',
    ):
        assert line in told
