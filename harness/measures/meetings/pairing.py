"""Which word was recognised as which, once it is settled whose words are compared."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from harness.measures.counts import WordErrors
from harness.measures.meetings.meeting import Meeting
from harness.measures.words.alignment import align, word_errors
from kernels.timed_edit_distance import Words, pairing

Chosen = NDArray[np.bool_]  # (U,) which utterances of a side are compared


def paired_errors(meeting: Meeting, said: Chosen, heard: Chosen, *, timed: bool) -> WordErrors:
    """The word errors of some utterances end to end against others; without times they are those of ``word_errors``."""
    if not timed:
        return word_errors(meeting.reference.text(said), meeting.hypothesis.text(heard))
    truth, found, pairs = _timed_pairs(meeting, said, heard)
    deleted = int((pairs < 0).sum())
    substituted = int((truth.ids[pairs >= 0] != found.ids[pairs[pairs >= 0]]).sum())
    paired = len(truth.ids) - deleted
    return WordErrors(substituted, deleted, len(found.ids) - paired, len(truth.ids))


def paired_words(
    meeting: Meeting, said: Chosen, heard: Chosen, *, timed: bool
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The words paired with each other, as places among these utterances' words on each side."""
    if timed:
        _, _, pairs = _timed_pairs(meeting, said, heard)
        places = np.flatnonzero(pairs >= 0)
        return places, pairs[places].astype(np.int64)
    steps = align(meeting.reference.text(said), meeting.hypothesis.text(heard))
    found = [(s.reference, s.hypothesis) for s in steps if s.reference is not None and s.hypothesis is not None]
    table = np.array(found, np.int64).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def _timed_pairs(meeting: Meeting, said: Chosen, heard: Chosen) -> tuple[Words, Words, NDArray[np.int32]]:
    truth = Words(*meeting.said.chosen(np.flatnonzero(said))[:3])
    found = Words(*meeting.heard.chosen(np.flatnonzero(heard))[:3])
    return truth, found, pairing(truth, found)
