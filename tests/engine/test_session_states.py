"""Every message in every state of a session, as a client and an engine may produce them: it answers, ends, frees."""

import base64
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from engine.protocol import (
    AddAudio,
    AddChannelAudio,
    AudioAdded,
    ChannelAudioAdded,
    EndOfChannel,
    EndOfStream,
    EndOfTranscript,
    Error,
    ErrorType,
    ForceEndOfUtterance,
    GetSpeakers,
    MessageError,
    SetRecognitionConfig,
    StartRecognition,
    Unknown,
    encode,
    parse_client,
    parse_server,
)
from engine.report import Report, UtteranceEnd
from engine.session import Action, Close, Configure, Feed, Finish, Flush, Open, Send, Session

RAW = {"type": "raw", "encoding": "pcm_s16le", "sample_rate": 16_000}
LABELS = st.sampled_from(["agent", "caller", "nobody"])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner)
)
SETTINGS: dict[str, st.SearchStrategy[Any]] = {
    "language": st.sampled_from(["en", "en", "en-GB", "xx"]),
    "max_delay": st.sampled_from([0.7, 2, "steady", 99]),
    "max_delay_mode": st.sampled_from(["fixed", "flexible"]),
    "enable_partials": st.booleans(),
    "model": st.sampled_from(["standard", "enhanced", "huge"]),
    "diarization": st.sampled_from(["none", "channel", "speaker"]),
    "channel_diarization_labels": st.just(["agent", "caller"]),
    "audio_filtering_config": st.sampled_from([{}, {"volume_threshold": 3.4}]),
    "conversation_config": st.just({"end_of_utterance_silence_trigger": 0.5}),
}
PLAUSIBLE = st.fixed_dictionaries({}, optional=SETTINGS).map(lambda asked: {"language": "en"} | asked)
CONFIG = PLAUSIBLE | st.dictionaries(st.sampled_from(sorted(SETTINGS)) | st.text(max_size=5), ANYTHING, max_size=4)
STARTS = st.builds(StartRecognition, st.sampled_from([RAW, {"type": "file"}, RAW, {"type": "none"}]), CONFIG)
MESSAGES = st.one_of(
    STARTS,
    st.builds(AddAudio, st.binary(max_size=4)),
    st.builds(AddChannelAudio, LABELS, st.binary(max_size=4).map(lambda data: base64.b64encode(data).decode())),
    st.builds(AddChannelAudio, LABELS, st.text(max_size=4)),
    st.builds(EndOfStream, st.none() | st.integers()),
    st.builds(EndOfChannel, LABELS, st.none() | st.integers()),
    st.builds(ForceEndOfUtterance, st.none() | st.floats(), st.none() | LABELS),
    st.builds(SetRecognitionConfig, CONFIG),
    st.builds(GetSpeakers, st.none() | st.booleans()),
    st.builds(Unknown, st.text(max_size=5), st.dictionaries(st.text(max_size=5), ANYTHING, max_size=2)),
)


class Word:
    """As the engine tells it."""

    def __init__(self, text: str, start: int) -> None:
        self.text, self.start, self.end, self.confidence = text, start, start + 4_000, 0.5


WORDS = st.lists(st.builds(Word, st.sampled_from(["one", "um", "hello", "twenty"]), st.just(0)), max_size=3).map(tuple)
ENDS = st.none() | st.builds(UtteranceEnd, st.integers(0, 10**6), st.booleans())


class Conversation(RuleBasedStateMachine):
    """A client, an engine, and the shell's book of what was opened and fed."""

    def __init__(self) -> None:
        super().__init__()
        self.session = Session("id", "0.1.0", models=("standard", "enhanced"))
        self.places = 0
        self.streams: dict[str | None, int] = {}  # open streams and their last audio
        self.finished: set[str | None] = set()
        self.told_all: set[str | None] = set()
        self.closed = False

    @rule(message=MESSAGES)
    def the_client_speaks(self, message: Any) -> None:
        self.perform(self.session.receive(message))

    @rule(frame=st.text(max_size=20) | st.sampled_from(['{"message": "AddAudio"}', '{"message": 3}', "[" * 30]))
    def the_client_sends_some_text(self, frame: str) -> None:
        try:
            message = parse_client(frame)
        except MessageError as error:
            self.perform(self.session.fail(error))
        else:
            self.perform(self.session.receive(message))

    @precondition(lambda self: self.streams.keys() - self.told_all)
    @rule(data=st.data(), finals=WORDS, partials=WORDS, end=ENDS)
    def the_engine_speaks(self, data: st.DataObject, finals: Any, partials: Any, end: Any) -> None:
        label = data.draw(st.sampled_from(sorted(self.streams.keys() - self.told_all, key=str)))
        ended = label in self.finished and data.draw(st.booleans())
        if ended:
            self.told_all.add(label)
        self.perform(self.session.report(Report(finals, end, partials, 8_000, ended=ended, upcoming=partials), label))

    @precondition(lambda self: self.streams)
    @rule(kind=st.sampled_from([ErrorType.JOB_ERROR, ErrorType.QUOTA_EXCEEDED, ErrorType.SESSION_TIMEOUT]))
    def something_fails(self, kind: ErrorType) -> None:
        self.perform(self.session.fail(MessageError(kind, "made to fail")))

    @rule()
    def the_client_ends_well(self) -> None:
        self.perform(self.session.receive(EndOfStream(0)))

    def perform(self, actions: list[Action]) -> None:
        """What the shell does, with the shell's assumptions checked."""
        assert not (self.closed and actions)
        for place, action in enumerate(actions):
            match action:
                case Open(config):
                    assert not self.streams
                    self.streams = dict.fromkeys(config.channels or (None,), 0)
                    self.places = len(self.streams)
                case Feed(_, channel):
                    assert channel in self.streams.keys() - self.finished
                    self.streams[channel] += 1
                case Flush(until, channel):
                    assert channel in self.streams.keys() - self.finished
                    assert until is None or until >= 0
                case Finish(channel):
                    assert channel in self.streams.keys() - self.finished
                    self.finished.add(channel)
                case Configure():
                    assert self.streams
                case Send(message):
                    self.check(message, last=place == len(actions) - 2)
                case Close(code):
                    assert place == len(actions) - 1
                    assert code in (1000, 1003, 1008, 1011) or 4000 < code < 4100
                    self.closed, self.places = True, 0

    def check(self, message: Any, last: bool) -> None:
        """What goes to the client can be written and read again, and counts its audio without a gap."""
        assert parse_server(encode(message)) is not None
        match message:
            case AudioAdded(seq_no):
                assert seq_no == self.streams[None]
            case ChannelAudioAdded(channel, seq_no):
                assert seq_no == self.streams[channel]
            case Error() | EndOfTranscript():
                assert last

    @invariant()
    def a_session_that_is_over_has_closed_and_freed(self) -> None:
        assert self.session.over == self.closed
        assert not self.closed or self.places == 0


TestConversation = Conversation.TestCase
TestConversation.settings = settings(max_examples=60, stateful_step_count=12, deadline=None)
