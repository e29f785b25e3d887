"""The service over HTTP: its answers to good and bad requests, and the vendor's two batch clients against it."""

import asyncio
import contextlib
import errno
import json
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

pytest.importorskip("aiohttp", reason="aiohttp is not installed (extra: engine)")

from engine.jobs.receiving import receive
from engine.jobs.server import JobService
from engine.jobs.settings import JobSettings
from engine.operations.keys import make_key
from engine.service_config import ServiceConfig
from mirror.replay import ReplayRecogniser
from testsets.case import AudioRef, Case

# aiohttp's multipart reader calls what aiohttp itself has deprecated, where a part ends at the edge of a chunk.
pytestmark = pytest.mark.filterwarnings("ignore:unread_data:DeprecationWarning")

CONFIG = {"type": "transcription", "transcription_config": {"language": "en"}}


@contextlib.asynccontextmanager
async def serving(
    data: Path, counting: Any, doors: ServiceConfig | None = None, **settings: Any
) -> AsyncIterator[httpx.AsyncClient]:
    made = JobSettings(data, port=0, **{"stall_timeout": 60.0, **settings})
    async with (
        JobService(made, {"standard": counting}, "1.2.3", doors) as service,
        httpx.AsyncClient(base_url=service.url, timeout=60) as client,
    ):
        yield client


async def submit(client: httpx.AsyncClient, path: Path, config: Any = CONFIG, **query: Any) -> httpx.Response:
    text = config if isinstance(config, str | bytes) else json.dumps(config)
    return await client.post(
        "/jobs", data={"config": text}, files={"data_file": (path.name, path.read_bytes())}, params=query
    )


async def test_the_life_of_a_job(tmp_path: Path, counting, recording) -> None:
    tracking = {"title": "é", "tags": ["a"], "details": {"client": 7}}
    async with serving(tmp_path / "data", counting) as client:
        submitted = await submit(client, recording(2.5), {**CONFIG, "tracking": tracking, "colour": "blue"})
        assert submitted.status_code == 201
        job_id = submitted.json()["id"]
        told = (await client.get(f"/jobs/{job_id}", params={"wait": 60})).json()["job"]
        assert told.keys() == {"id", "status", "created_at", "data_name", "duration", "config", "errors"}
        assert (told["status"], told["duration"], told["data_name"]) == ("done", 3, "speech.wav")
        assert "colour" in told["errors"][0]["message"]
        written = (await client.get(f"/jobs/{job_id}/transcript")).json()
        assert written["job"] == {name: told[name] for name in ("id", "created_at", "data_name", "duration")} | {
            "tracking": tracking
        }
        assert written["metadata"]["transcription_config"] == {"language": "en", "model": "standard"}
        assert written["metadata"]["orchestrator_version"] == "1.2.3"
        assert written["results"][0] == {
            "type": "word",
            "start_time": 0.0,
            "end_time": 1.0,
            "alternatives": [{"content": "W0", "confidence": 0.875, "language": "en"}],
        }
        text = await client.get(f"/jobs/{job_id}/transcript", params={"format": "txt"})
        assert (text.text, text.headers["content-type"]) == ("W0 w1.\n", "text/plain; charset=utf-8")
        subtitles = (await client.get(f"/jobs/{job_id}/transcript", params={"format": "srt"})).text
        assert subtitles == "1\n00:00:00,000 --> 00:00:02,000\nW0 w1.\n"
        assert (await client.get(f"/jobs/{job_id}/data")).content == recording(2.5).read_bytes()
        log = (await client.get(f"/jobs/{job_id}/log")).text
        assert "attempt 1" in log
        assert "w0" not in log.lower()
        assert (await client.get("/jobs")).json()["jobs"] == [told]
        deleted = await client.delete(f"/jobs/{job_id}")
        assert (deleted.status_code, deleted.json()["job"]["status"]) == (200, "deleted")
        for address in ("", "/transcript", "/data", "/log"):
            assert (await client.get(f"/jobs/{job_id}{address}")).status_code == 404
        assert (await client.get("/jobs")).json() == {"jobs": []}
        gone = (await client.get("/jobs", params={"include_deleted": True})).json()["jobs"]
        assert [(job["id"], job["status"], job["data_name"]) for job in gone] == [(job_id, "deleted", "")]
        assert not any((tmp_path / "data" / "recordings").iterdir())
        usage = (await client.get("/usage")).json()
        assert [row["count"] for row in usage["summary"] + usage["details"]] == [1, 1]
        metrics = f"http://127.0.0.1:{client.base_url.port}/metrics"
        while "understudy_jobs_audio_seconds_total 2.5" not in (await client.get(metrics)).text:
            await asyncio.sleep(0.01)  # a job is told to be done before it is counted


async def test_the_channels_of_a_recording(tmp_path: Path, counting, recording) -> None:
    asked = {"language": "en", "diarization": "channel", "channel_diarization_labels": ["Agent", "Caller"]}
    stereo = recording(2.0, channels=2)
    async with serving(tmp_path / "data", counting) as client:
        job = (await submit(client, stereo, {"type": "transcription", "transcription_config": asked}, wait=60)).json()
        assert {result["channel"] for result in job["json-v2"]["results"]} == {"Agent", "Caller"}
        text = (await client.get(f"/jobs/{job['id']}/transcript?format=txt")).text
        assert text == "CHANNEL: Agent\nW0 w1.\nCHANNEL: Caller\nW0 w1.\n"


async def test_a_running_job(tmp_path: Path, counting, recording) -> None:
    counting.go.clear()
    async with serving(tmp_path / "data", counting) as client:
        job_id = (await submit(client, recording())).json()["id"]
        waits = (await submit(client, recording())).json()["id"]
        assert await asyncio.to_thread(counting.begun.wait, 60)
        for name in (job_id, waits):
            assert (await client.get(f"/jobs/{name}")).json()["job"]["status"] == "running"
        early = await client.get(f"/jobs/{job_id}/transcript")
        assert (early.status_code, early.json()["error"]) == (404, "Transcription not ready")
        locked = await client.delete(f"/jobs/{job_id}")
        assert (locked.status_code, locked.json()["error"]) == (423, "Resource Locked")
        waiting = asyncio.create_task(client.get(f"/jobs/{job_id}", params={"wait": 60}))
        assert (await client.delete(f"/jobs/{job_id}", params={"force": "true"})).status_code == 200
        assert (await waiting).status_code == 404
        counting.go.set()
        assert (await client.get(f"/jobs/{waits}", params={"wait": 60})).json()["job"]["status"] == "done"


async def test_a_submission_may_wait_for_its_transcript(tmp_path: Path, counting, recording) -> None:
    async with serving(tmp_path / "data", counting) as client:
        answer = (await submit(client, recording(), wait=60, format="txt")).json()
        assert (answer["status"], answer["txt"]) == ("done", "W0 w1.\n")
        counting.go.clear()
        answer = (await submit(client, recording(), wait=1)).json()
        assert answer["status"] == "running"
        assert answer.keys() == {"id", "created_at", "status"}
        counting.go.set()


async def test_what_is_refused(tmp_path: Path, counting, recording) -> None:
    (tmp_path / "text.wav").write_text("no audio")
    (tmp_path / "empty.wav").write_bytes(b"")
    speech = recording()
    async with serving(tmp_path / "data", counting, max_bytes=100_000) as client:
        answers = [
            (await submit(client, tmp_path / "text.wav"), 400, "Job rejected due to invalid audio", "begins with"),
            (await submit(client, tmp_path / "empty.wav"), 400, "Job rejected due to invalid audio", "empty"),
            (await submit(client, speech, '{"type": '), 400, "Job rejected", "JSON"),
            (await submit(client, speech, b"\xff\xfe{"), 400, "Job rejected", "JSON"),
            (await submit(client, recording(10.0)), 413, "Job rejected", "100,000 bytes"),
            (await client.post("/jobs", content=b"hello"), 400, "Malformed request", "form"),
            (await client.post("/jobs", files={"config": "{}"}), 400, "Missing data_file", "data_file"),
            (await client.post("/jobs", files={"data_file": b"x"}), 400, "Malformed request", "'config'"),
            (await client.post("/jobs", files={"other": b"x"}), 400, "Malformed request", "'other'"),
            (await client.get("/jobs/nobody"), 404, "Job not found", "nobody"),
            (await client.get("/jobs/nobody/transcript"), 404, "Job not found", "nobody"),
            (await client.delete("/jobs/nobody"), 404, "Job not found", "nobody"),
            (await client.get("/jobs/a/transcript?format=doc"), 422, "Format Not Supported", "doc"),
            (await client.get("/jobs?limit=0"), 422, "Unprocessable Entity", "limit"),
            (await client.get("/jobs?created_before=noon"), 422, "Unprocessable Entity", "created_before"),
            (await client.get("/jobs/a?wait=-1"), 422, "Unprocessable Entity", "wait"),
            (await client.get("/nothing"), 404, "Not Found", "/v2/jobs"),
            (await client.put("/jobs"), 405, "Method Not Allowed", "/v2/jobs"),
        ]
        for answer, status, error, detail in answers:
            assert (answer.status_code, answer.json()["code"], answer.json()["error"]) == (status, status, error)
            assert detail in answer.json()["detail"]
        assert (await client.get("/jobs?include_deleted=true")).json() == {"jobs": []}
    assert [path.name for path in (tmp_path / "data").rglob("*") if path.is_file() and "sqlite" not in path.name] == [
        "lock"
    ]


async def test_a_broken_form_leaves_nothing(tmp_path: Path, counting) -> None:
    async with serving(tmp_path / "data", counting, stall_timeout=0.2, linger=0.2) as client:
        head = b'--x\r\nContent-Disposition: form-data; name="data_file"; filename="a.wav"\r\n\r\nRIFF'
        kind = {"Content-Type": "multipart/form-data; boundary=x"}
        assert (await client.post("/jobs", content=head, headers=kind)).status_code == 400
        reader, writer = await asyncio.open_connection("127.0.0.1", client.base_url.port)
        writer.write(b"POST /v2/jobs HTTP/1.1\r\nHost: h\r\nContent-Length: 9999\r\n")
        writer.write(b"Content-Type: multipart/form-data; boundary=x\r\n\r\n" + head)
        answer = await reader.read()
        assert b" 408 " in answer.splitlines()[0]
        writer.close()
        assert (await client.get(f"http://127.0.0.1:{client.base_url.port}/live")).text == "live\n"
    assert not any((tmp_path / "data" / "uploads").iterdir())


async def test_a_client_that_vanishes_is_no_event(tmp_path: Path, counting, caplog: pytest.LogCaptureFixture) -> None:
    head = b"POST /v2/jobs HTTP/1.1\r\nHost: h\r\nContent-Type: multipart/form-data; boundary=x\r\n"
    part = b'--x\r\nContent-Disposition: form-data; name="data_file"; filename="a.wav"\r\n\r\nRIFF'
    async with serving(tmp_path / "data", counting) as client:
        for sent in (b"\x00\x01 no request\r\n\r\n", head + b"Content-Length: 9999\r\n\r\n" + part):
            _, writer = await asyncio.open_connection("127.0.0.1", client.base_url.port)
            writer.write(sent)
            await writer.drain()
            writer.close()
            await writer.wait_closed()
        assert (await client.get("/jobs")).json() == {"jobs": []}
    assert not any((tmp_path / "data" / "uploads").iterdir())
    assert [record for record in caplog.records if record.levelname in ("WARNING", "ERROR")] == []


async def test_a_full_queue_and_a_full_disk(
    tmp_path: Path, counting, recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    counting.go.clear()
    async with serving(tmp_path / "data", counting, max_queued=1) as client:
        ready = f"http://127.0.0.1:{client.base_url.port}/ready"
        assert (await client.get(ready)).json()["ready"] is True
        first = (await submit(client, recording())).json()["id"]
        assert await asyncio.to_thread(counting.begun.wait, 60)
        await submit(client, recording())
        refused = await submit(client, recording())
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "60")
        assert (await client.get(ready)).status_code == 503
        counting.go.set()
        for job in (await client.get("/jobs")).json()["jobs"]:
            await client.get(f"/jobs/{job['id']}?wait=60")

        async def full(*arguments: Any) -> tuple[bytes, str]:
            await receive(*arguments)
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr("engine.jobs.routes.receive", full)
        refused = await submit(client, recording())
        assert (refused.status_code, refused.json()["error"]) == (507, "Internal Server Error")
        assert "nothing was stored" in refused.json()["detail"]
        assert (await client.get(f"/jobs/{first}/transcript?format=txt")).text == "W0 w1.\n"
    assert not any((tmp_path / "data" / "uploads").iterdir())


async def test_jobs_survive_a_restart(tmp_path: Path, counting, recording) -> None:
    async with serving(tmp_path / "data", counting) as client:
        done = (await submit(client, recording(), wait=60)).json()["id"]
        counting.go.clear()
        counting.begun.clear()
        running = (await submit(client, recording(30.0))).json()["id"]
        waiting = (await submit(client, recording())).json()["id"]
        assert await asyncio.to_thread(counting.begun.wait, 60)
        asyncio.get_running_loop().call_later(0.1, counting.go.set)  # so that the stop finds it within a block
    (tmp_path / "data" / "uploads" / "half").write_bytes(b"left by a kill")
    async with serving(tmp_path / "data", counting) as client:
        for job_id, words in ((done, 2), (running, 30), (waiting, 2)):
            await client.get(f"/jobs/{job_id}?wait=60")
            assert len((await client.get(f"/jobs/{job_id}/transcript?format=txt")).text.split()) == words
        assert [job["id"] for job in (await client.get("/jobs")).json()["jobs"]] == [waiting, running, done]
    assert not any((tmp_path / "data" / "uploads").iterdir())


async def test_jobs_are_deleted_when_their_time_is_over(tmp_path: Path, counting, recording) -> None:
    async with serving(tmp_path / "data", counting) as client:
        job_id = (await submit(client, recording(), wait=60)).json()["id"]
    async with serving(tmp_path / "data", counting, retention_hours=0.0) as client:
        while (answer := await client.get(f"/jobs/{job_id}")).status_code == 200:
            await asyncio.sleep(0.01)
        assert (answer.status_code, answer.json()["error"]) == (410, "Job Expired")


async def test_keys_guard_jobs_and_part_their_owners(tmp_path: Path, counting, recording) -> None:
    (mine, one), (yours, two) = (make_key(name, "2026-01-01") for name in ("mine", "yours"))
    doors = ServiceConfig(key_digests=(one.digest, two.digest))
    async with serving(tmp_path / "data", counting, doors) as client:
        refused = await client.get("/jobs")
        assert (refused.status_code, refused.json()["error"]) == (401, "Permission Denied")
        assert (await submit(client, recording())).status_code == 401
        assert (await client.get(f"http://127.0.0.1:{client.base_url.port}/ready")).status_code == 200
        client.headers["Authorization"] = f"Bearer {mine}"
        job_id = (await submit(client, recording(), wait=60)).json()["id"]
        assert len((await client.get("/jobs")).json()["jobs"]) == 1
        client.headers["Authorization"] = f"Bearer {yours}"
        assert (await client.get(f"/jobs/{job_id}")).status_code == 404
        assert (await client.get("/jobs")).json()["jobs"] == []
        assert (await client.get("/usage")).json()["details"] == []


async def test_our_own_replay_hears_what_the_clients_hear(tmp_path: Path, counting, recording) -> None:
    path = recording(2.0)
    case = Case("talk", AudioRef(str(path), 16_000, 32_000), config={"language": "en"})
    async with serving(tmp_path / "data", counting) as client:
        log = await ReplayRecogniser(str(client.base_url).rstrip("/"), "digest").recognise(case)
        assert log.failure is None
        assert [(word.text, word.start, word.end) for word in log.transcript.words][:2] == [
            ("W0", 0, 16_000), ("w1", 16_000, 32_000),
        ]  # fmt: skip
        assert (await client.get("/jobs")).json() == {"jobs": []}  # a replay leaves nothing behind


async def test_with_a_certificate_it_speaks_tls(tmp_path: Path, counting, recording) -> None:
    key, pem = ec.generate_private_key(ec.SECP256R1()), tmp_path / "cert.pem"
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "here")])
    now, day = datetime.now(UTC), timedelta(days=1)
    built = x509.CertificateBuilder(name, name, key.public_key(), 1, now - day, now + day).add_extension(
        x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    pem.write_bytes(built.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM) + private)
    doors = ServiceConfig(tls_certificate=pem, tls_key=pem)
    made = JobSettings(tmp_path / "data", port=0)
    async with (
        JobService(made, {"standard": counting}, "1.2.3", doors) as service,
        httpx.AsyncClient(base_url=service.url, verify=ssl.create_default_context(cafile=pem)) as client,
    ):
        assert service.url.startswith("https://")
        assert (await client.get("/jobs")).json() == {"jobs": []}


async def test_pages_of_a_list(tmp_path: Path, counting, recording) -> None:
    async with serving(tmp_path / "data", counting) as client:
        made = [(await submit(client, recording(0.5), wait=60)).json() for _ in range(3)]
        page = (await client.get("/jobs", params={"limit": 2})).json()["jobs"]
        assert [job["id"] for job in page] == [made[2]["id"], made[1]["id"]]
        rest = (await client.get("/jobs", params={"created_before": page[-1]["created_at"]})).json()["jobs"]
        assert [job["id"] for job in rest] == [made[0]["id"]]
        new = (await client.get("/jobs", params={"created_after": made[1]["created_at"]})).json()["jobs"]
        assert [job["id"] for job in new] == [made[2]["id"]]


async def test_the_vendors_batch_client(tmp_path: Path, counting, recording) -> None:
    batch = pytest.importorskip("speechmatics.batch", reason="speechmatics-batch is not installed (extra: dev)")
    path = str(recording(2.0))
    (tmp_path / "text").write_text("no audio")
    async with serving(tmp_path / "data", counting) as client:
        url = str(client.base_url).rstrip("/")
        async with batch.AsyncClient(api_key="none", url=url) as vendor:
            heard = await vendor.transcribe(path, min_polling_interval=0.05, timeout=60)
            assert heard.transcript_text == "W0 w1."
            assert heard.results[0].alternatives[0].confidence == 0.875
            assert heard.job.duration == 2
            assert (await vendor.transcribe(path, wait=60)).transcript_text == "W0 w1."
            for kind, begins in ((batch.FormatType.TXT, "W0 w1."), (batch.FormatType.SRT, "1\n00:00")):
                text = await vendor.transcribe(path, wait=60, format_type=kind)
                assert text.startswith(begins)
            jobs = await vendor.list_jobs(limit=2)
            assert [job.status for job in jobs] == [batch.JobStatus.DONE] * 2
            assert jobs[0].config.transcription_config.language == "en"
            assert "'enhanced' is not served here" in jobs[0].errors[0].message
            counting.go.clear()
            held = await vendor.submit_job(path)
            with pytest.raises(batch.TranscriptNotReadyError):
                await vendor.get_transcript(held.id)
            assert (await vendor.get_job_info(held.id)).status is batch.JobStatus.RUNNING
            await vendor.delete_job(held.id, force=True)
            counting.go.set()
            with pytest.raises(batch.JobError):
                await vendor.get_job_info(held.id)
            with pytest.raises(batch.BatchError, match="Job rejected due to invalid audio"):
                await vendor.submit_job(str(tmp_path / "text"))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_the_vendors_older_client(tmp_path: Path, counting, recording) -> None:
    pytest.importorskip("speechmatics.batch_client", reason="speechmatics-python is not installed (extra: dev)")
    from speechmatics.batch_client import BatchClient
    from speechmatics.models import ConnectionSettings

    def talk(url: str) -> None:
        with BatchClient(ConnectionSettings(url=url, auth_token="none")) as vendor:
            job_id = vendor.submit_job(str(recording(1.0)), CONFIG)
            httpx.get(f"{url}/jobs/{job_id}?wait=60", timeout=60)
            assert vendor.wait_for_completion(job_id, "txt") == "W0.\n"
            assert [job["id"] for job in vendor.list_jobs()] == [job_id]
            assert vendor.delete_job(job_id) == f"Job {job_id} deleted"

    async with serving(tmp_path / "data", counting) as client:
        await asyncio.to_thread(talk, str(client.base_url).rstrip("/"))
