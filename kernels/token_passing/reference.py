"""Plain truth: every position of every frame in float64, no beam. Nobody optimises this file."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kernels.token_passing import Graph

Position = tuple[int, int]  # state, phone


@dataclass(frozen=True, slots=True)
class Path:
    """A path: its score, and what it took on in which frame."""

    score: float
    phones: tuple[tuple[int, int], ...] = ()  # (phone, frame it was entered)
    words: tuple[int, ...] = ()


def best_path(graph: Graph, scores: NDArray[np.float64]) -> Path | None:
    """The best path through all frames that ends in a final state; None when there is none.

    Args:
        scores: (T, V) natural log weights.
    """
    ends = [
        Path(path.score - float(graph.final[state]), path.phones, path.words)
        for (state, _), path in best_positions(graph, scores).items()
        if np.isfinite(graph.final[state])
    ]
    return max(ends, key=lambda path: path.score, default=None)


def best_positions(graph: Graph, scores: NDArray[np.float64]) -> dict[Position, Path]:
    """The best path to every position that can be reached in all frames."""
    paths = _close(graph, {(0, 0): Path(0.0)})
    for frame, weights in enumerate(scores.astype(np.float64)):
        following: dict[Position, Path] = {}
        for (state, phone), path in paths.items():
            _offer(following, (state, 0), Path(path.score + weights[0], path.phones, path.words))
            if phone:
                _offer(following, (state, phone), Path(path.score + weights[phone], path.phones, path.words))
            for arc in range(graph.offsets[state], graph.offsets[state + 1]):
                entered = int(graph.phone[arc])
                if entered not in (0, phone):
                    score = path.score + weights[entered] - float(graph.cost[arc])
                    taken = Path(score, (*path.phones, (entered, frame)), _said(path, graph, arc))
                    _offer(following, (int(graph.dest[arc]), entered), taken)
        paths = _close(graph, following)
    return paths


def _close(graph: Graph, paths: dict[Position, Path]) -> dict[Position, Path]:
    waiting = list(paths)
    for position in waiting:  # grows while it is walked
        state, phone = position
        path = paths[position]
        for arc in range(graph.offsets[state], graph.offsets[state + 1]):
            if graph.phone[arc] == 0:
                there = (int(graph.dest[arc]), phone)
                moved = Path(path.score - float(graph.cost[arc]), path.phones, _said(path, graph, arc))
                if _offer(paths, there, moved):
                    waiting.append(there)
    return paths


def _offer(paths: dict[Position, Path], position: Position, path: Path) -> bool:
    better = position not in paths or path.score > paths[position].score
    if better:
        paths[position] = path
    return better


def _said(path: Path, graph: Graph, arc: int) -> tuple[int, ...]:
    word = int(graph.word[arc])
    return (*path.words, word) if word else path.words


def every_path(graph: Graph, scores: NDArray[np.float64]) -> dict[Position, dict[Path, float]]:
    """All paths to every position that differ in what they took on, or when: without a score, and the best score.

    Args:
        scores: (T, V) natural log weights.
    """
    paths = _close_all(graph, {(0, 0): {Path(0.0): 0.0}})
    for frame, weights in enumerate(scores.astype(np.float64)):
        following: dict[Position, dict[Path, float]] = {}
        for (state, phone), known in paths.items():
            for path, score in known.items():
                _offer_one(following, (state, 0), path, score + weights[0])
                if phone:
                    _offer_one(following, (state, phone), path, score + weights[phone])
                for arc in range(graph.offsets[state], graph.offsets[state + 1]):
                    entered = int(graph.phone[arc])
                    if entered not in (0, phone):
                        taken = Path(0.0, (*path.phones, (entered, frame)), _said(path, graph, arc))
                        moved = score + weights[entered] - float(graph.cost[arc])
                        _offer_one(following, (int(graph.dest[arc]), entered), taken, moved)
        paths = _close_all(graph, following)
    return paths


def _close_all(graph: Graph, paths: dict[Position, dict[Path, float]]) -> dict[Position, dict[Path, float]]:
    waiting = [(position, path) for position, known in paths.items() for path in known]
    for position, path in waiting:  # grows while it is walked
        state, phone = position
        for arc in range(graph.offsets[state], graph.offsets[state + 1]):
            if graph.phone[arc] == 0:
                there, taken = (int(graph.dest[arc]), phone), Path(0.0, path.phones, _said(path, graph, arc))
                if _offer_one(paths, there, taken, paths[position][path] - float(graph.cost[arc])):
                    waiting.append((there, taken))
    return paths


def _offer_one(paths: dict[Position, dict[Path, float]], position: Position, path: Path, score: float) -> bool:
    known = paths.setdefault(position, {})
    better = score > known.get(path, -np.inf)
    if better:
        known[path] = score
    return better
