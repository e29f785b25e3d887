from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engine.jobs.reading import text_of, tokens


def result(content: str, attaches: str | None = None, start: float = 0.0, **more: Any) -> dict[str, Any]:
    made = {"type": "word", "start_time": start, "end_time": start + 0.5, "alternatives": [{"content": content}]}
    return {**made, **({"attaches_to": attaches} if attaches else {}), **more}


def test_marks_cling_to_what_they_belong_to() -> None:
    said = [
        result("say"),
        result("“", "next"),
        result("no"),
        result(".", "previous", is_eos=True),
        result("”", "previous"),
    ]
    assert text_of([*said, result("twenty"), result("-", "both"), result("one")]) == "say “no.” twenty-one"


def test_a_token_lasts_as_long_as_its_parts() -> None:
    (token,) = tokens([result("so", start=1.0), result(".", "previous", start=2.0, is_eos=True)])
    assert (token.text, token.start, token.end, token.ends_sentence) == ("so.", 1.0, 2.5, True)


def test_channels_take_turns() -> None:
    said = [result("yes", channel="A"), result(".", "previous", channel="A"), result("no", channel="B")]
    assert text_of([*said, result(".", "previous", channel="A")]) == "CHANNEL: A\nyes.\nCHANNEL: B\nno\nCHANNEL: A\n."


def test_nothing_said_is_no_text() -> None:
    assert text_of([]) == ""
    assert text_of([{"type": "word", "start_time": 0, "end_time": 1, "alternatives": []}, result("")]) == ""


@given(st.lists(st.tuples(st.sampled_from(["a", "bc", "."]), st.sampled_from([None, "previous", "next", "both"]))))
def test_no_text_is_lost(said: list[tuple[str, str | None]]) -> None:
    assert text_of(result(*one) for one in said).replace(" ", "") == "".join(text for text, _ in said)
