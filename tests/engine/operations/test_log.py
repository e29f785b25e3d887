import io
import json
import logging
import subprocess
import sys

from engine.operations.log import JsonLines, fields


def line(log: logging.Logger, tell: object) -> dict[str, object]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    log.addHandler(handler)
    log.propagate = False
    log.setLevel(logging.INFO)
    tell()  # type: ignore[operator]
    log.removeHandler(handler)
    assert stream.getvalue().count("\n") == 1
    found: dict[str, object] = json.loads(stream.getvalue())
    return found


def test_an_event_is_one_line_with_its_fields() -> None:
    log = logging.getLogger("test.log.event")
    found = line(log, lambda: log.info("session ended", extra=fields(words=3, error=None, name="a\nb")))
    assert (found["level"], found["event"], found["words"], found["name"]) == ("info", "session ended", 3, "a\nb")
    assert "error" not in found
    assert str(found["time"]).endswith("+00:00")


def test_arguments_and_messages_of_exceptions_are_left_out() -> None:
    log = logging.getLogger("test.log.exception")

    def fail() -> None:
        try:
            raise KeyError("what the client said")
        except KeyError:
            log.exception("failed on %s", "what the client said")

    found = line(log, fail)
    assert found["exception"] == "KeyError"
    assert "test_log.py" in str(found["raised_at"])
    assert "what the client said" not in json.dumps(found)


def test_everything_of_a_process_is_json() -> None:
    code = (
        "import logging; from engine.operations.log import log_json; log_json('warning');"
        "logging.getLogger('a').info('no'); logging.getLogger('b').warning('yes')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert [json.loads(each)["event"] for each in done.stderr.splitlines()] == ["yes"]
