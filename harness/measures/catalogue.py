"""Every measure by its name: what it is called, in which unit it is read, and which value holds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any

from harness.measures.counts import CharacterErrors, Delays, Pace, Share, SpeakerErrors, WordErrors
from harness.measures.meetings.values import AttributionErrors
from harness.measures.speakers.jaccard import JaccardErrors
from harness.measures.times.values import Deadlines, RealTimeFactor
from harness.measures.words.values import Detections, SpanErrors, WordInformation
from harness.serial import from_dict

RatioValue = (
    WordErrors
    | CharacterErrors
    | Detections
    | SpanErrors
    | Share
    | AttributionErrors
    | SpeakerErrors
    | JaccardErrors
    | Deadlines
    | RealTimeFactor
    | Pace
)
MeasureValue = RatioValue | WordInformation | Delays


@dataclass(frozen=True, slots=True)
class MeasureInfo:
    """One line of the catalogue."""

    name: str
    title: str
    unit: str  # "ratio" (shown in per cent), "x" (a factor), or "s" (held as integer nanoseconds, read in seconds)
    value: type[MeasureValue]
    meaning: str
    family: str  # what it belongs with in a table
    sliced: bool = True  # compared on every slice of the policy; False: only over all cases, unless a margin asks
    harm: bool = True  # more of it is worse; False where it only says that something changed

    @property
    def statistics(self) -> tuple[str, ...]:
        """What can be inferred of it: its rate, or its percentiles; nothing where counts do not add up to a rate."""
        if self.value is WordInformation:
            return ()
        return ("p50", "p90", "p95", "p99") if self.value is Delays else ("rate",)


WORDS, MEETINGS, SPEAKERS, TIME = "Words", "Words by speaker", "Speakers", "Time"
STABILITY, DELIVERY = "Stability", "Delivery"


def _words(name: str, title: str, value: type[MeasureValue], meaning: str, *, sliced: bool = False) -> MeasureInfo:
    return MeasureInfo(name, title, "ratio", value, meaning, WORDS, sliced)


def _meeting(name: str, title: str, value: type[MeasureValue], meaning: str, *, sliced: bool = False) -> MeasureInfo:
    return MeasureInfo(name, title, "ratio", value, meaning, MEETINGS, sliced)


def _speaker(name: str, title: str, value: type[MeasureValue], meaning: str, *, sliced: bool = False) -> MeasureInfo:
    return MeasureInfo(name, title, "ratio", value, meaning, SPEAKERS, sliced)


def _delay(name: str, title: str, meaning: str, *, sliced: bool = False) -> MeasureInfo:
    return MeasureInfo(name, title, "s", Delays, meaning, TIME, sliced)


def _steady(name: str, title: str, value: type[MeasureValue], meaning: str) -> MeasureInfo:
    return MeasureInfo(name, title, "ratio", value, meaning, STABILITY, sliced=False)


_ENTRIES = (
    _words("wer", "WER", WordErrors, "word errors over reference words", sliced=True),
    _words("cer", "CER", CharacterErrors, "character errors over reference characters", sliced=True),
    _words("mer", "MER", Share, "word errors over aligned places (match error rate)"),
    _words("wil", "WIL", WordInformation, "word information lost"),
    _words("tcwer", "tcWER", WordErrors, "word errors, where only words near in time may match"),
    _words("keywords", "Keywords", Detections, "1 - F1 of the chosen keywords"),
    _words("unknown_words", "Unknown words", Share, "words outside the vocabulary that did not come out right"),
    _words("entities", "Entities", SpanErrors, "marked entities with anything wrong in them"),
    _words("punctuation", "Punctuation", Detections, "1 - F1 of punctuation marks"),
    _words("case", "Capitals", Share, "right words with wrong capitals"),
    MeasureInfo(
        "disagreement",
        "Disagreement",
        "ratio",
        WordErrors,
        "words that differ from the champion's, over its words",
        WORDS,
        harm=False,
    ),
    _meeting("cpwer", "cpWER", WordErrors, "word errors, speakers matched one to one", sliced=True),
    _meeting("tcpwer", "tcpWER", WordErrors, "likewise, and only words near in time may match"),
    _meeting("orcwer", "ORC-WER", WordErrors, "word errors, whoever is said to have spoken"),
    _meeting("dicpwer", "DI-cpWER", WordErrors, "word errors, diarisation errors forgiven by utterance"),
    _meeting("wrong_speaker", "Wrong speaker", AttributionErrors, "right words given to another speaker"),
    _speaker("der", "DER", SpeakerErrors, "misattributed speech over reference speech", sliced=True),
    _speaker("der_overlap", "DER in overlap", SpeakerErrors, "where two or more speak at once"),
    _speaker("der_nonoverlap", "DER outside overlap", SpeakerErrors, "where at most one speaks"),
    _speaker("jer", "JER", JaccardErrors, "what each speaker does not share with the match, over speakers"),
    _speaker("speaker_count", "Speaker count", Share, "speakers too many or too few"),
    _speaker("label_switches", "Label switches", Share, "changes of a speaker's label, per turn"),
    _delay("final_latency", "Final latency", "word spoken until its final arrives", sliced=True),
    _delay("final_audio", "Final latency, audio", "the part spent waiting for more audio"),
    _delay("final_compute", "Final latency, computing", "the part after the audio that it waited for had left"),
    _delay("partial_latency", "Partial latency", "word spoken until it is first shown", sliced=True),
    _delay("partial_audio", "Partial latency, audio", "the part spent waiting for more audio"),
    _delay("partial_compute", "Partial latency, computing", "the part after the audio that it waited for had left"),
    _delay("settled_latency", "Settled latency", "word spoken until it stands and is never revised"),
    _delay("perceived_latency", "Perceived latency", "word spoken, by the reference's times, until it is shown"),
    _delay("emission_latency", "Emission latency", "its part spent waiting for more audio"),
    _delay("perceived_compute", "Perceived latency, computing", "its part after that audio had left"),
    _delay("first_partial", "First words", "start of speech until any words arrive"),
    _delay("first_audio", "First words, audio", "the part spent waiting for more audio"),
    _delay("first_compute", "First words, computing", "the part after that audio had left"),
    _delay("turn_latency", "End of turn", "speaker falls silent until the last word is final"),
    _delay("turn_audio", "End of turn, audio", "the part spent waiting for more audio"),
    _delay("turn_compute", "End of turn, computing", "the part after that audio had left"),
    _delay("utterance_end_latency", "End of utterance", "speaker falls silent until the recogniser says so"),
    _delay("finish_latency", "Finish", "last audio left until the transcript is complete"),
    _delay("ack_lag", "Ack lag", "audio sent until the recogniser confirms it"),
    MeasureInfo(
        "deadlines", "Late finals", "ratio", Deadlines, "words whose final came after max_delay", TIME, sliced=False
    ),
    _steady("erasure", "Erasure", Share, "words taken off the screen over final words"),
    _steady("unstable_words", "Unstable words", Share, "partial words that changed over final words (UPWR)"),
    _steady("unstable_segments", "Unstable segments", Share, "utterances in which a shown word changed (UPSR)"),
    _steady("flicker", "Flicker", Share, "updates of partials that changed a shown word"),
    _steady("false_utterance_ends", "False ends", Share, "ends of utterances that came while someone spoke"),
    MeasureInfo(
        "partial_interval",
        "Partial interval",
        "s",
        Delays,
        "from one shown partial to the next",
        STABILITY,
        False,
        False,
    ),
    MeasureInfo(
        "real_time_factor", "Real-time factor", "x", RealTimeFactor, "time of work over time of audio", DELIVERY, False
    ),
    MeasureInfo(
        "drain_factor",
        "Drain factor",
        "x",
        RealTimeFactor,
        "work after the last audio over time of audio",
        DELIVERY,
        False,
    ),
    MeasureInfo("pace", "Late packets", "ratio", Pace, "audio packets that left later than the budget", DELIVERY),
)

CATALOGUE: Mapping[str, MeasureInfo] = MappingProxyType({entry.name: entry for entry in _ENTRIES})

FAMILIES: tuple[str, ...] = tuple(dict.fromkeys(entry.family for entry in _ENTRIES))


def part_name(measure: str, part: str) -> str:
    """The name of a measure of one part only, e.g. one class of entities: "entities[PERSON]"."""
    return f"{measure}[{part}]"


def measure_info(name: str) -> MeasureInfo:
    """The catalogue's line of a measure or of a part of it.

    Raises:
        KeyError: there is no such measure.
    """
    return CATALOGUE[name.partition("[")[0]]


def measure_title(name: str) -> str:
    """``WER``, ``Entities PERSON``."""
    _, _, part = name.partition("[")
    return f"{measure_info(name).title} {part.removesuffix(']')}".rstrip()


def to_counts(measure: MeasureValue) -> dict[str, Any]:
    """The measure's counts by name, as JSON holds them."""
    return asdict(measure)


def from_counts(name: str, counts: Mapping[str, Any]) -> MeasureValue:
    """The measure called ``name`` from its counts.

    Raises:
        ValueError: a count is missing or is no number.
    """
    return from_dict(measure_info(name).value, dict(counts))
