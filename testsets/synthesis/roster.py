"""Who speaks in the rehearsal set: each speaker is one cluster of statistical independence."""

from __future__ import annotations

from dataclasses import dataclass

from testsets.synthesis.voices import Voice


@dataclass(frozen=True, slots=True)
class Speaker:
    """A voice with what a slice may ask about it."""

    voice: Voice
    accent: str
    gender: str  # m or f, as the synthesiser means it
    telephone: Voice | None = None  # the same speaker where the synthesiser has an own 8 kHz voice of them

    @property
    def id(self) -> str:
        return self.voice.id


def _espeak(name: str, variant: str, accent: str, speed: float = 1.0) -> Speaker:
    return Speaker(Voice("espeak-ng", name, variant, speed), accent, variant[0].lower())


SPEAKERS = (  # they read single sentences
    Speaker(Voice("flite", "rms"), "american", "m"),
    Speaker(Voice("flite", "slt"), "american", "f"),
    Speaker(Voice("flite", "awb"), "scottish", "m"),
    Speaker(Voice("flite", "kal16"), "american", "m", telephone=Voice("flite", "kal")),
    _espeak("en-us", "m3", "american"),
    _espeak("en-us", "f2", "american", 0.97),
    _espeak("en-us", "m7", "american", 1.06),
    _espeak("en-us", "f4", "american"),
    _espeak("en-gb", "m1", "british"),
    _espeak("en-gb", "f3", "british", 1.03),
    _espeak("en-gb-scotland", "m4", "scottish"),
    _espeak("en-gb-scotland", "f1", "scottish", 0.97),
    _espeak("en-gb-x-rp", "m2", "british", 1.04),
    _espeak("en-gb-x-gbclan", "m6", "british", 0.95),
    _espeak("en-gb-x-gbcwmd", "f2", "british"),
    _espeak("en-029", "m3", "caribbean"),
    _espeak("en-029", "f4", "caribbean", 0.97),
)

PAIRS = (  # they talk with each other and with nobody else, so that a pair is a cluster of its own
    (_espeak("en-us", "m1", "american", 1.05), _espeak("en-us", "f1", "american", 1.05)),
    (_espeak("en-gb", "m4", "british", 1.05), _espeak("en-gb", "f2", "british", 1.06)),
    (_espeak("en-us", "f3", "american", 1.06), _espeak("en-gb-scotland", "m3", "scottish", 1.05)),
    (_espeak("en-gb-x-rp", "f1", "british", 1.05), _espeak("en-us", "m2", "american", 1.06)),
    (_espeak("en-us", "m4", "american", 1.05), _espeak("en-gb-x-rp", "m1", "british", 1.06)),
    (_espeak("en-gb-x-gbclan", "f2", "british", 1.05), _espeak("en-029", "m2", "caribbean", 1.05)),
)
