"""Right words, wrong speaker: how many recognised words carry the name of another speaker than who said them."""

from __future__ import annotations

import numpy as np

from harness.measures.meetings.meeting import Meeting
from harness.measures.meetings.pairing import paired_words
from harness.measures.meetings.permutation import NOBODY, matching
from harness.measures.meetings.placement import places_of
from harness.measures.meetings.values import Attribution, AttributionErrors, Placed


def attribution(meeting: Meeting, placed: Placed, *, timed: bool) -> Attribution:
    """Count the right words that the best pairs of speakers give to somebody else.

    Words are paired without regard to speakers, where utterances of one side went to the cheapest speaker of the other
    (ORC-WER or DI-cpWER). A hypothesis speaker stands for the reference speaker it is matched with in cpWER, and one
    that is matched with nobody is wrong in every word.

    Args:
        placed: where the utterances went.
        timed: words may be paired only within the collar.

    Source: after El Shafey, Soltau and Shafran (Interspeech 2019), whose measure aligns one stream.
    """
    truth, heard = meeting.reference, meeting.hypothesis
    moved, places = placed.moved, places_of(meeting, placed)
    stands_for = np.full(len(heard.speakers), NOBODY, np.int64)
    for r, h in matching(meeting, timed=timed).pairs:
        if h != NOBODY:
            stands_for[h] = r
    heard_from = stands_for[heard.speaker_of_words]
    total = AttributionErrors()
    for number in range(len(heard.speakers if moved == "reference" else truth.speakers)):
        own_said = places == number if moved == "reference" else truth.speaker_of == number
        own_heard = heard.speaker_of == number if moved == "reference" else places == number
        said = np.flatnonzero(np.repeat(own_said, np.diff(truth.bounds)))
        found = np.flatnonzero(np.repeat(own_heard, np.diff(heard.bounds)))
        left, right = paired_words(meeting, own_said, own_heard, timed=timed)
        same = meeting.said_ids[said[left]] == meeting.heard_ids[found[right]]
        wrong = truth.speaker_of_words[said[left]] != heard_from[found[right]]
        total += AttributionErrors(
            int((wrong & same).sum()), int(same.sum()), int((wrong & ~same).sum()), int((~same).sum())
        )
    return Attribution(total, moved)
