"""Training of the neural language model: what it draws, that it learns, resumes exactly, and exports."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch", reason="the train extra is not installed")

import torch

from engine.ngram.vocabulary import BEGIN, END, Vocabulary
from engine.training.language.embedding import association, embed
from engine.training.language.export import exported
from engine.training.language.network import LanguageNetwork, LanguageShape, sampled_loss
from engine.training.language.settings import RECIPE, read_language_settings
from engine.training.language.texts import EncodedText, draw, unigram
from engine.training.language.train import LanguageTrainer

VOCABULARY = Vocabulary.of(["a", "b", "c", "d"])
ROUND = [["a", "b", "c", "d"]] * 40


@pytest.fixture
def texts():
    return [EncodedText.of(VOCABULARY.encode(ROUND)), EncodedText.of(VOCABULARY.encode([["d", "zz", "a"]]))]


@pytest.fixture
def settings(tmp_path):
    recipe = read_language_settings(RECIPE, tmp_path)
    return replace(recipe, batch=64, noise=32, context=3, width=4, hidden=16, shares=(0.9, 0.1), save_every=1000)


def test_histories_stay_in_their_sentence(texts):
    contexts, words = texts[1].at(texts[1].tokens, 3)
    assert words.tolist() == [6, 3, END]  # the unknown word is not foretold
    assert contexts.tolist() == [[BEGIN, BEGIN, BEGIN], [BEGIN, 6, 0], [6, 0, 3]]


def test_draws_follow_shares_and_seed(texts):
    contexts, words = draw(texts, (0.5, 0.5), 3, 400, np.random.default_rng(1))
    again = draw(texts, (0.5, 0.5), 3, 400, np.random.default_rng(1))
    np.testing.assert_array_equal(contexts, again[0])
    np.testing.assert_array_equal(words, again[1])
    assert 100 < (contexts == 0).any(axis=1).sum() < 200  # two thirds of the second text
    chance = unigram(texts, (0.5, 0.5), len(VOCABULARY))
    assert chance.sum() == pytest.approx(1)
    assert chance[BEGIN] < 1e-6


def test_words_of_the_same_company_begin_alike():
    text = VOCABULARY.encode([["a", "c"], ["b", "c"], ["d"]] * 5)
    assert (association(text, 7).toarray() >= 0).all()
    a, b, d = embed(text, 7, 4, np.random.default_rng(1))[[3, 4, 6]]
    assert np.linalg.norm(a - b) < 0.5 * np.linalg.norm(a - d)


def test_the_sampled_loss_nears_the_exact_one():
    torch.manual_seed(1)
    network = LanguageNetwork(LanguageShape(7, 3, 8, 16))
    contexts, words = torch.randint(0, 7, (50, 3)), torch.randint(0, 7, (50,))
    noise = torch.randint(0, 7, (200_000,))
    likely = torch.full((200_000,), -np.log(7.0)).float()
    with torch.no_grad():
        sampled = sampled_loss(network, contexts, words, noise, likely, 0.0)
        exact = -network.log_probs(contexts)[torch.arange(50), words].mean()
    assert float(sampled) == pytest.approx(float(exact), abs=0.02)


def test_it_learns_a_text_and_the_engine_agrees(texts, settings):
    trainer = LanguageTrainer(settings, texts, len(VOCABULARY))
    trainer.run(decay=0, steps=120)
    trainer.network.eval()
    contexts, words = texts[0].at(texts[0].tokens[:5], 3)
    with torch.no_grad():
        exact = trainer.network.log_probs(torch.from_numpy(contexts))[torch.arange(5), torch.from_numpy(words)]
    assert float(exact.mean()) > -0.7
    model = exported(trainer.network.state_dict(), 0.25)
    found = model.log_probs(contexts.astype(np.int32), np.full(5, 3, np.int32), words.astype(np.int32))
    with torch.no_grad():
        whole = trainer.network(torch.from_numpy(contexts)) @ trainer.network.embedding.weight.T + trainer.network.bias
    np.testing.assert_allclose(found + 0.25, whole[torch.arange(5), torch.from_numpy(words)].numpy(), atol=1e-4)
    assert whole.logsumexp(1).abs().max() < 1.5  # nearly normalised
    stored = torch.load(settings.folder / "last.pt", weights_only=True)
    assert abs(stored["normaliser"]) < 1.5


def test_going_on_equals_never_having_stopped(texts, settings, tmp_path):
    whole = LanguageTrainer(replace(settings, folder=tmp_path / "whole"), texts, len(VOCABULARY))
    whole.run(decay=6)
    parted = replace(settings, folder=tmp_path / "parted")
    LanguageTrainer(parted, texts, len(VOCABULARY)).run(decay=6, steps=3)
    second = LanguageTrainer(parted, texts, len(VOCABULARY))
    second.run(decay=6)
    assert second.progress == whole.progress
    for one, other in zip(whole.network.parameters(), second.network.parameters(), strict=True):
        assert torch.equal(one, other)


def test_a_stop_file_ends_it_and_a_recipe_speaks(settings, texts, tmp_path):
    trainer = LanguageTrainer(settings, texts, len(VOCABULARY))
    (settings.folder / "stop").touch()
    trainer.run(decay=0)
    assert trainer.progress.step == 0
    (tmp_path / "bad.toml").write_text("seed = 1\n")
    with pytest.raises(ValueError, match="setting missing or unknown"):
        read_language_settings(tmp_path / "bad.toml", tmp_path)
