"""Train the small neural language model: ``python -m engine.training.language.train --work FOLDER``.

It trains at a stable rate until a file named ``stop`` lies in its folder, and goes on from its checkpoint when started
again; ``--decay STEPS`` lets the rate fall over that many steps and ends. Every step is drawn from the seed and its own
number, so going on equals never having stopped.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from engine.graph.build import encoded_texts, make_lexicon, read_texts
from engine.ngram.vocabulary import Vocabulary
from engine.training.language.embedding import embed
from engine.training.language.network import LanguageNetwork, LanguageShape, sampled_loss
from engine.training.language.settings import RECIPE, LanguageSettings, read_language_settings
from engine.training.language.texts import EncodedText, draw, unigram

REPORT_EVERY = 25
HISTORIES = 512  # over which the normaliser is averaged


@dataclass(slots=True)
class LanguageProgress:
    """How far a training is: steps made, tokens seen, and where a decay began (None before it)."""

    step: int = 0
    tokens: int = 0
    decay_from: int | None = None
    decay_steps: int = 0

    @property
    def decayed(self) -> float:
        """Share of the decay that is done."""
        return 0.0 if self.decay_from is None else (self.step - self.decay_from) / self.decay_steps


class LanguageTrainer:
    """A network, its optimiser and where they stand."""

    def __init__(self, settings: LanguageSettings, texts: Sequence[EncodedText], words: int) -> None:
        self._settings, self._texts = settings, texts
        shape = LanguageShape(words, settings.context, settings.width, settings.hidden)
        torch.manual_seed(settings.seed)
        self.network = LanguageNetwork(shape, settings.dropout)
        self._chance = unigram(texts, settings.shares, words)
        self._optimiser = torch.optim.Adam(self.network.parameters(), settings.schedule.peak, (0.9, 0.98))
        self.progress = LanguageProgress()
        if (settings.folder / "last.pt").exists():
            self._restore(settings.folder / "last.pt")
        else:
            settings.folder.mkdir(parents=True, exist_ok=True)
            self._begin(words)

    def run(self, *, decay: int, steps: int | None = None) -> None:
        """Train until told to stop, until a decay over that many steps is done, or for a number of steps."""
        settings, progress = self._settings, self.progress
        if decay and progress.decay_from is None:
            progress.decay_from, progress.decay_steps = progress.step, decay
        until = None if steps is None else progress.step + steps
        losses: list[float] = []
        while progress.step != until and progress.decayed < 1.0 and not (settings.folder / "stop").exists():
            losses.append(self._step())
            if progress.step % REPORT_EVERY == 0:
                self._log(loss=round(float(np.mean(losses)), 4))
                losses.clear()
            if progress.step % settings.save_every == 0:
                self._save()
        self._save()

    def _begin(self, words: int) -> None:
        """Start from the words' company and from their frequency."""
        stream = self._texts[0].stream
        first = embed(stream, words, self._settings.width, np.random.default_rng(self._settings.seed))
        with torch.no_grad():
            self.network.embedding.weight.copy_(torch.from_numpy(first))
            self.network.bias.copy_(torch.from_numpy(np.log(self._chance)).float())

    def _step(self) -> float:
        settings, progress = self._settings, self.progress
        rng = np.random.default_rng((settings.seed, progress.step))
        torch.manual_seed(settings.seed * 1_000_003 + progress.step)
        contexts, words = draw(self._texts, settings.shares, settings.context, settings.batch, rng)
        noise = rng.choice(len(self._chance), settings.noise, p=self._chance)
        rate = settings.schedule.rate(progress.step, progress.decayed)
        for group in self._optimiser.param_groups:
            group["lr"] = rate
        self._optimiser.zero_grad()
        likely = torch.from_numpy(np.log(self._chance[noise])).float()
        before, after, drawn = (torch.from_numpy(array) for array in (contexts, words, noise))
        loss = sampled_loss(self.network, before, after, drawn, likely, settings.penalty)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), settings.clip)
        self._optimiser.step()
        progress.step += 1
        progress.tokens += len(words)
        return loss.item()

    def _save(self) -> None:
        partial = self._settings.folder / "last.part"
        stored = {name: getattr(self.progress, name) for name in LanguageProgress.__slots__}
        state = {
            "network": self.network.state_dict(), "optimiser": self._optimiser.state_dict(), "progress": stored,
            "normaliser": self._normaliser(),
        }  # fmt: skip
        torch.save(state, partial)
        partial.rename(self._settings.folder / "last.pt")

    @torch.no_grad()
    def _normaliser(self) -> float:
        """Mean log of the sum over all words, which estimates from drawn words find too small."""
        settings = self._settings
        rng = np.random.default_rng((settings.seed, self.progress.step))
        contexts, _ = draw(self._texts, settings.shares, settings.context, HISTORIES, rng)
        self.network.eval()
        scores = self.network(torch.from_numpy(contexts)) @ self.network.embedding.weight.T + self.network.bias
        self.network.train()
        return float(scores.logsumexp(1).mean())

    def _restore(self, path: Path) -> None:
        stored = torch.load(path, weights_only=True)
        self.network.load_state_dict(stored["network"])
        self._optimiser.load_state_dict(stored["optimiser"])
        self.progress = LanguageProgress(**stored["progress"])

    def _log(self, **values: object) -> None:
        entry = {"step": self.progress.step, "tokens": self.progress.tokens, "decayed": self.progress.decayed, **values}
        with (self._settings.folder / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(json.dumps(entry) + "\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="checkpoints and log")
    parser.add_argument("--speech", type=Path, default=Path("../shared/speech"), help="the speech data pack")
    parser.add_argument("--config", type=Path, default=RECIPE)
    parser.add_argument("--words", type=int, default=40_000, help="size of the search graph's vocabulary")
    parser.add_argument("--decay", type=int, default=0, metavar="STEPS", help="let the rate fall over these and end")
    parser.add_argument("--steps", type=int, help="stop after so many more steps")
    chosen = parser.parse_args(arguments)
    torch.set_num_threads(1)
    settings = read_language_settings(chosen.config, chosen.work)
    words = read_texts(chosen.speech)
    lexicon = make_lexicon(words, chosen.speech / "lexicon" / "cmudict.dict.xz", chosen.words)
    vocabulary = Vocabulary.of(lexicon.words[1:])
    texts = [EncodedText.of(stream) for stream in encoded_texts(words, vocabulary)]
    LanguageTrainer(settings, texts, len(vocabulary)).run(decay=chosen.decay, steps=chosen.steps)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
