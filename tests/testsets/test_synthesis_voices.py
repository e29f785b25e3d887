import numpy as np
import pytest

from testsets.errors import AudioError
from testsets.synthesis import voices
from testsets.synthesis.voices import Voice, speak

needs_flite = pytest.mark.skipif(voices.version("flite") is None, reason="flite is not installed")
needs_espeak = pytest.mark.skipif(voices.version("espeak-ng") is None, reason="espeak-ng is not installed")


@needs_flite
def test_flite_speaks_the_same_bytes_twice() -> None:
    voice = Voice("flite", "slt")
    first, rate = speak(voice, "The kettle is still warm.")
    again, _ = speak(voice, "The kettle is still warm.")
    assert rate == 16_000
    assert first.dtype == np.int16
    assert 1.0 < first.size / rate < 3.0
    assert np.array_equal(first, again)


@needs_espeak
def test_espeak_variants_are_different_speakers_and_slower_is_longer() -> None:
    plain, rate = speak(Voice("espeak-ng", "en-us", "m3"), "A fox crossed the road.")
    other, _ = speak(Voice("espeak-ng", "en-us", "f2"), "A fox crossed the road.")
    slow, _ = speak(Voice("espeak-ng", "en-us", "m3", speed=0.8), "A fox crossed the road.")
    assert rate == 22_050
    assert not np.array_equal(plain[: other.size], other[: plain.size])
    assert slow.size > 1.1 * plain.size


@needs_espeak
def test_text_that_looks_like_an_option_is_spoken() -> None:
    samples, _ = speak(Voice("espeak-ng", "en-gb"), "--version")
    assert samples.size > 1_000


@needs_espeak
def test_an_unknown_voice_is_one_clear_error() -> None:
    with pytest.raises(AudioError, match="espeak-ng-xx-nowhere: espeak-ng failed"):
        speak(Voice("espeak-ng", "xx-nowhere"), "hello")


@needs_flite
def test_flite_does_not_fall_back_to_another_voice() -> None:
    with pytest.raises(AudioError, match="choose one of kal16"):
        speak(Voice("flite", "nobody"), "hello")


def test_a_missing_synthesiser_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert voices.version("flite") is None
    with pytest.raises(AudioError, match="apt-get install flite"):
        speak(Voice("flite", "slt"), "hello")


def test_ids_name_engine_voice_and_variant() -> None:
    assert Voice("flite", "rms").id == "flite-rms"
    assert Voice("espeak-ng", "en-gb", "f2").id == "espeak-ng-en-gb-f2"
