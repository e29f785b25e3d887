"""Replays that look at the growing evidence stop when the answer is certain, and lose no order."""

from __future__ import annotations

from dataclasses import dataclass

from harness.gate.policy_file import parse_policy
from harness.results import Arm
from testsets.case import AudioRef, Case
from testsets.events import Event, EventLog, Kind
from testsets.transcript import Transcript
from understudy.asking import Asked, ask
from understudy.telling import Told

POLICY = 'version = 1\nname = "x"\nresamples = 200\n[margins]\nwer = {{ absolute = {margin} }}\n{looks}'
LOOKS = "[looks]\nfractions = [0.25, 0.5]\n"


@dataclass
class Reader:
    """A recogniser that reads the reference, but for every n-th word."""

    wrong: int
    name: str = "reader"
    digest: str = "d"

    async def recognise(self, case: Case) -> EventLog:
        said = case.reference.words if case.reference else ()
        text = " ".join("x" if (i + len(case.id)) % self.wrong == 0 else word.text for i, word in enumerate(said))
        final = Event(Kind.FINAL, 1, words=Transcript.from_text(text).words)
        return EventLog(case.id, self.digest, 16_000, (final, Event(Kind.ENDED, 2)))


def cases(count: int) -> list[Case]:
    audio, said = AudioRef("none.wav", 16_000, 16_000), Transcript.from_text("the cat sat on the mat and slept all day")
    return [Case(f"c{i}{'y' * (i % 3)}", audio, said, cluster=f"s{i % 20}") for i in range(count)]


def asked(margin: float, looks: str, candidate: int, said: list[str]) -> Asked:
    arms = {Arm.CHAMPION: Reader(5), Arm.CHAMPION_AGAIN: Reader(5), Arm.CANDIDATE: Reader(candidate)}
    told = Told(lambda name, steps: said.append(f"{name} {steps}"), lambda: None, said.append)
    return ask(arms, cases(120), parse_policy(POLICY.format(margin=margin, looks=looks), "x"), 4, told)


def test_a_certain_pass_stops_at_the_first_look_that_says_so() -> None:
    said: list[str] = []
    found = asked(0.5, LOOKS, 5, said)
    assert found.look is not None
    assert found.look.number < found.look.planned
    assert len(found.cases) == round(120 * found.look.share)
    assert "PASS is certain" in said[-1]
    order = [case.id for case in cases(120)]
    assert [case.id for case in found.cases] == sorted((case.id for case in found.cases), key=order.index)
    for logs in found.logs.values():
        assert [log.case_id for log in logs] == [case.id for case in found.cases]


def test_a_certain_fail_stops_too() -> None:
    said: list[str] = []
    found = asked(0.01, LOOKS, 2, said)
    assert len(found.cases) < 120
    assert "FAIL is certain" in said[-1]


def test_without_looks_all_cases_are_asked_in_order() -> None:
    found = asked(0.5, "", 5, [])
    assert found.look is None
    assert [case.id for case in found.cases] == [case.id for case in cases(120)]
