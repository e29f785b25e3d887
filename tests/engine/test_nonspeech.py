"""The gate against words that nobody said."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.decoder.words import DecodedWord
from engine.nonspeech import NonspeechOptions, SpeechGate

TOKENS = 5


def posteriors(*phones: tuple[int, int, float], frames: int) -> np.ndarray:
    """Log posteriors (frames, 5): blank but for (frame, token, posterior)."""
    chances = np.full((frames, TOKENS), 0.001)
    chances[:, 0] = 0.996
    for frame, token, chance in phones:
        chances[frame] = (1 - chance) / (TOKENS - 1)
        chances[frame, token] = chance
    return np.log(chances).astype(np.float32)


def kept(log_probs: np.ndarray, *words: DecodedWord, **settings: float) -> list[str]:
    gate = SpeechGate(NonspeechOptions(**settings))
    gate.hear(log_probs)
    return [word.text for word in gate.keep(words)]


YES = DecodedWord("yes", 10, 16, 0.9)


def test_clear_phones_let_a_word_pass_and_doubtful_ones_do_not() -> None:
    assert kept(posteriors((10, 1, 0.9), (13, 2, 0.9), frames=40), YES) == ["yes"]
    assert kept(posteriors((10, 1, 0.5), (13, 2, 0.5), frames=40), YES) == []
    assert kept(posteriors(frames=40), YES) == []


def test_a_doubtful_word_among_clear_ones_passes() -> None:
    speech = posteriors((2, 1, 0.95), (10, 2, 0.4), (28, 3, 0.95), frames=60)
    assert kept(speech, YES) == ["yes"]
    assert kept(speech, YES, around=0) == []


def test_a_phone_that_lasts_counts_once() -> None:
    assert kept(posteriors(*((frame, 1, 0.8) for frame in range(10, 16)), frames=40), YES) == []


def test_a_word_stretched_beyond_speech_is_none() -> None:
    clear = posteriors(*((frame, 1 + frame // 10 % 2, 0.99) for frame in range(0, 120, 10)), frames=130)
    assert kept(clear, DecodedWord("but", 0, 26, 0.9)) == ["but"]
    assert kept(clear, DecodedWord("but", 0, 27, 0.9)) == []


def test_no_evidence_asked_lets_everything_pass() -> None:
    assert kept(posteriors(frames=400), DecodedWord("but", 0, 390, 0.1), evidence=0.0) == ["but"]


chunks = st.lists(st.integers(0, 30), min_size=1, max_size=8)


@given(chunks, st.integers(0, 1000))
def test_chunked_equals_whole(sizes: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    raw = rng.standard_normal((sum(sizes), TOKENS)) * 2
    log_probs = (raw - np.log(np.exp(raw).sum(axis=1, keepdims=True))).astype(np.float32)
    words = [DecodedWord("word", start, start + 4, 0.5) for start in range(0, sum(sizes), 3)]
    options = NonspeechOptions(evidence=1.5, around=3)
    whole, parts = SpeechGate(options), SpeechGate(options)
    whole.hear(log_probs)
    for part in np.split(log_probs, np.cumsum(sizes)[:-1]):
        parts.hear(part)
    assert parts.keep(words) == whole.keep(words)


@given(st.integers(0, 900), st.integers(0, 1000))
def test_forgetting_changes_nothing_for_words_that_end_later(before: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    raw = np.repeat(rng.standard_normal((450, TOKENS)) * 2, 2, axis=0)
    log_probs = (raw - np.log(np.exp(raw).sum(axis=1, keepdims=True))).astype(np.float32)
    starts = range(max(before - 20, 0), 900, 7)
    words = [DecodedWord("word", start, max(start + 4, before), 0.5) for start in starts]
    lasting, forgetful = SpeechGate(), SpeechGate()
    lasting.hear(log_probs)
    forgetful.hear(log_probs[:before])
    forgetful.forget(before)
    forgetful.hear(log_probs[before:])
    assert forgetful.keep(words) == lasting.keep(words)


def test_forgetting_frees_memory() -> None:
    gate = SpeechGate()
    for round_ in range(200):
        gate.hear(posteriors(*((frame, 1, 0.9) for frame in range(0, 100, 2)), frames=100))
        gate.forget(100 * (round_ + 1))
        assert len(gate._frames) < 300
