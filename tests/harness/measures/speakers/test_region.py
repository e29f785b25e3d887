"""Regions: what is cut out, what is left, and the clock that stands still outside."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.measures.speakers.region import Region
from harness.measures.speakers.spans import Spans

LENGTH = 40

pair = st.tuples(st.integers(0, LENGTH), st.integers(0, LENGTH)).map(lambda p: (min(p), max(p)))
pairs = st.lists(pair, max_size=6)


def samples(found: list[tuple[int, int]]) -> set[int]:
    return {sample for start, end in found for sample in range(start, end)}


def of_arrays(found: Region | Spans) -> list[tuple[int, int]]:
    return [(int(a), int(b)) for a, b in zip(found.start, found.end, strict=True)]


@settings(deadline=None)
@given(pairs, pairs)
def test_zones_are_cut_out(region: list[tuple[int, int]], zones: list[tuple[int, int]]) -> None:
    got = of_arrays(Region.of(Spans.of_pairs(region)).without(Spans.of_pairs(zones)))
    assert samples(got) == samples(region) - samples(zones)
    assert got == sorted(got)


def test_a_zone_may_begin_before_the_recording() -> None:
    assert of_arrays(Region.of(Spans.of_pairs([(0, 10)])).without(Spans.of_pairs([(-5, 5), (8, 99)]))) == [(5, 8)]


@settings(deadline=None)
@given(pairs, pairs)
def test_crop(region: list[tuple[int, int]], found: list[tuple[int, int]]) -> None:
    inside = of_arrays(Region.of(Spans.of_pairs(region)).crop(Spans.of_pairs(found)))
    once = [s for a, b in inside for s in range(a, b)]
    assert sorted(once) == sorted(s for a, b in found for s in range(a, b) if s in samples(region))


@settings(deadline=None)
@given(pairs, pairs)
def test_the_clock_stands_still_outside(region: list[tuple[int, int]], found: list[tuple[int, int]]) -> None:
    own = Region.of(Spans.of_pairs(region))
    clock = {sample: place for place, sample in enumerate(sorted(samples(region)))}
    got = of_arrays(own.on_clock(Spans.of_pairs(found)))
    expected = [{clock[s] for s in range(a, b) if s in clock} for a, b in found]
    assert [set(range(a, b)) for a, b in got] == [ticks for ticks in expected if ticks]
