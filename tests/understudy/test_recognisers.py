"""What a user may type for a recogniser, and what files and programs answer."""

import sys
from pathlib import Path

import pytest

from testsets.case import AudioRef, Case
from testsets.events import Kind
from testsets.transcript import Transcript
from understudy.errors import UsageError
from understudy.recognisers import Address, Command, DecodedFile, parse, token_for

CASE = Case("a", AudioRef("a.wav", 16_000, 16_000))


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("ws://127.0.0.1:9000/v2", Address("live", "ws://127.0.0.1:9000/v2")),
        ("wss://asr.example/v2", Address("live", "wss://asr.example/v2")),
        ("https://asr.example/v2", Address("live", "https://asr.example/v2")),
        ("vosk+ws://127.0.0.1:2700", Address("live", "vosk+ws://127.0.0.1:2700")),
        ("openai+https://h/v1/audio/transcriptions", Address("live", "openai+https://h/v1/audio/transcriptions")),
        ("file:hyps.jsonl", Address("file", "hyps.jsonl")),
        ("cmd:./run {audio}", Address("cmd", "./run {audio}")),
        ("models:/reference@champion", Address("model", "models:/reference@champion")),
        ("reference/2", Address("model", "reference/2")),
    ],
)
def test_schemes(typed: str, address: Address) -> None:
    assert parse(typed) == address


def test_unknown_scheme_is_told_in_one_line() -> None:
    for address in ("ftp://host/v2", "riva+ws://host", "vosk+http://host", "+://"):
        with pytest.raises(UsageError, match="unknown scheme"):
            parse(address)


def test_key_of_a_wire_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNDERSTUDY_TOKEN", "common")
    monkeypatch.setenv("UNDERSTUDY_TOKEN_DEEPGRAM", "special")
    assert token_for("deepgram+wss://host/v1/listen") == "special"
    assert token_for("wss://host/v2") == "common"


async def test_decoded_file_answers_known_ids_and_fails_unknown_ones(tmp_path: Path) -> None:
    path = tmp_path / "hyps.jsonl"
    path.write_text("{}")
    recogniser = DecodedFile(path, {"a": Transcript.from_text("one two")})
    log = await recogniser.recognise(CASE)
    assert (log.transcript.text, log.failure) == ("one two", None)
    other = await recogniser.recognise(Case("b", CASE.audio))
    assert other.failure is not None
    assert "'b'" in other.failure


async def test_command_gets_the_audio_and_its_words_come_back() -> None:
    recogniser = Command(f"{sys.executable} -c 'import sys; print(sys.argv[1], 7)' {{audio}}")
    log = await recogniser.recognise(CASE)
    assert log.transcript.text == "a.wav 7"
    assert [e.kind for e in log.events] == [Kind.STARTED, Kind.FINAL, Kind.ENDED]


@pytest.mark.parametrize("command", ["/no/such/program", f"{sys.executable} -c 'raise SystemExit(3)'"])
async def test_command_that_fails_is_a_failed_log_not_an_exception(command: str) -> None:
    log = await Command(command).recognise(CASE)
    assert log.failure is not None
    assert log.transcript.words == ()


def test_command_without_a_program() -> None:
    with pytest.raises(UsageError, match="no program"):
        Command("")
