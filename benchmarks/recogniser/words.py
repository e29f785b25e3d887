"""Tables of word error rates: by stratum, by look-ahead, arm against arm, and against the peer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace

from benchmarks.recogniser import peer
from benchmarks.recogniser.arms import Arm
from benchmarks.recogniser.bench import Bench
from benchmarks.recogniser.findings import Findings
from benchmarks.recogniser.rates import Clusters, by_stratum, difference, rate
from benchmarks.recogniser.recordings import NORMALISER, Recording
from engine.acoustic.body import read_card
from harness.measures.counts import WordErrors
from harness.measures.words.alignment import word_errors

SETS = ("test", "dev", "longform", "rehearsal")
_CLUSTERS = "clusters: speakers; of kathleen and longform, one speaker each, utterances; of rehearsal, voices"
_INTERVALS = f"In brackets two-sided 95 % intervals over clusters ({_CLUSTERS})."


def strata(bench: Bench, arm: Arm, sets: Iterable[str] = SETS) -> dict[str, Clusters]:
    """Counts of every cluster of every stratum of the sets; those of dev are told from those of test."""
    found: dict[str, Clusters] = {}
    for name in sets:
        for stratum, counts in by_stratum(bench.heard(arm, name)).items():
            found[f"{name} {stratum}" if name in ("test", "dev") and "," not in stratum else stratum] = counts
    return found


def by_set(bench: Bench) -> Findings:
    """The first arm's word errors, all of them."""
    found = strata(bench, bench.arm)
    rows = [(name, *_described(counts)) for name, counts in found.items()]
    return Findings(
        "words",
        f"Word errors of {bench.arm.name}",
        ("set", "clusters", "words", "WER %", "sub", "del", "ins"),
        tuple(rows),
        (f"{_how(bench.arm)} {_INTERVALS} All words are scored, in the lexicon or not ({NORMALISER.signature}).",),
        data={name: asdict(_total(counts)) for name, counts in found.items()},
    )


def by_look_ahead(bench: Bench, sets: Iterable[str] = ("test", "dev")) -> Findings:
    """The first arm at every look-ahead it was trained for, and the whole recording at once."""
    chunks = [*sorted(read_card(bench.arm.folder).chunk_ms), None]
    arms = [replace(bench.arm, name=_ahead(chunk), chunk_ms=chunk) for chunk in chunks]
    found = {arm.name: strata(bench, arm, sets) for arm in arms}
    names = list(found[arms[0].name])
    rows = [(name, *(rate(found[arm.name][name]).percent() for arm in arms)) for name in names]
    return Findings(
        "look-ahead",
        f"Word errors of {bench.arm.name} by look-ahead, WER %",
        ("set", *(arm.name for arm in arms)),
        tuple(rows),
        (_INTERVALS,),
        data={arm.name: {name: asdict(rate(found[arm.name][name])) for name in names} for arm in arms},
    )


def against_first(bench: Bench, sets: Iterable[str] = ("test", "dev", "rehearsal")) -> Findings:
    """Every arm beside the first, paired."""
    found = [strata(bench, arm, sets) for arm in bench.arms]
    rows = []
    for name in found[0]:
        rows.append((name, bench.arm.name, rate(found[0][name]).percent(), "", ""))
        for arm, counts in zip(bench.arms[1:], found[1:], strict=True):
            apart = difference(found[0][name], counts[name])
            rows.append(
                ("", arm.name, rate(counts[name]).percent(), apart.percent(2), _share(found[0][name], counts[name]))
            )
    return Findings(
        "arms",
        f"Arms beside {bench.arm.name}",
        ("set", "arm", "WER %", "difference, points", "relative %"),
        tuple(rows),
        (
            f"{_INTERVALS} Differences are paired by cluster. "
            + " ".join(f"{arm.name}: {_how(arm)}" for arm in bench.arms),
        ),
    )


def against_peer(bench: Bench, sets: Sequence[str] = ("test", "dev", "longform-cut", "rehearsal")) -> Findings:
    """The first arm beside pocketsphinx with its own model on the same audio, paired; on what both have heard."""
    if bench.kept is None:
        raise ValueError("the peer needs the folder of what it said (--kept); see benchmarks.recogniser.peer")
    known = peer.known(bench.kept)
    ours: dict[str, dict[str, WordErrors]] = {}
    theirs: dict[str, dict[str, WordErrors]] = {}
    seconds = audio = 0.0
    recordings = heard_too = 0
    started = [name for name in sets if any(one.key in known for one in bench.recordings(name))]
    for heard in (one for name in started for one in bench.heard(bench.arm, name)):
        recordings += 1
        said = known.get(heard.recording.key)
        if said is None:
            continue
        heard_too += 1
        seconds, audio = seconds + said.seconds, audio + 0.04 * heard.frames
        for stratum in _names(heard.recording):
            cluster = heard.recording.cluster
            for side, errors in ((ours, heard.errors), (theirs, word_errors(heard.recording.words, said.said))):
                counts = side.setdefault(stratum, {})
                counts[cluster] = counts.get(cluster, WordErrors()) + errors
    rows = [
        (name, str(_total(counts).total), rate(counts).percent(), rate(theirs[name]).percent(),
         difference(theirs[name], counts).percent())
        for name, counts in ours.items()
    ]  # fmt: skip
    speed = f"{peer.NAME} took {seconds / audio:.2f} s of CPU for a second of audio." if audio else ""
    return Findings(
        "peer",
        f"{bench.arm.name} beside {peer.NAME} {peer.version()} with its own English model",
        ("set", "words", f"{bench.arm.name} WER %", f"{peer.NAME} WER %", "difference, points"),
        tuple(rows),
        (
            f"{heard_too} of {recordings} recordings, drawn evenly, have been heard by both. {_how(bench.arm)} "
            f"{peer.NAME} hears whole utterances. {_INTERVALS} {speed}",
        ),
    )


def _names(recording: Recording) -> list[str]:
    """The strata of one recording, as ``strata`` names them."""
    name = f"{recording.set} {recording.stratum}" if recording.set in ("test", "dev") else recording.stratum
    return [name, "test, all"] if recording.set == "test" else [name]


def _described(counts: Clusters) -> tuple[str, ...]:
    total = _total(counts)
    return (
        str(len(counts)), str(total.reference), rate(counts).percent(),
        str(total.substitutions), str(total.deletions), str(total.insertions),
    )  # fmt: skip


def _share(first: Clusters, second: Clusters) -> str:
    """The change relative to the first arm's rate."""
    before, after = _total(first).errors, _total(second).errors
    return f"{100 * (after - before) / before:+.1f}" if before else "undefined"


def _total(counts: Clusters) -> WordErrors:
    return sum(counts.values(), WordErrors())


def _ahead(chunk_ms: int | None) -> str:
    return "whole" if chunk_ms is None else f"{chunk_ms} ms"


def _how(arm: Arm) -> str:
    heard = "whole recordings at once" if arm.chunk_ms is None else f"chunks of {arm.chunk_ms} ms"
    late = "" if arm.max_delay_ms is None else f", final {arm.max_delay_ms} ms after a word"
    settings = "".join(f", {key} {value}" for key, value in arm.decode.items())
    second = "" if arm.rescoring is None else f", rescored by {arm.rescoring.name}"
    second += "".join(f", {key} {value}" for key, value in arm.second.items())
    return f"Model {arm.folder.name}, {heard}{late}{settings}{second}."
