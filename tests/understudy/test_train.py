"""``understudy train``: a language that nobody speaks is learnt from a lexicon and a manifest alone."""

import json
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner, Result

from understudy.cli import build
from understudy.user_errors import is_user_error

LEXICON = {"um": "ō", "ran": "ē ā", "sel": "ā ō ē", "tō": "ē"}  # its vowels are tones
HERTZ = {"ō": 400.0, "ē": 1100.0, "ā": 2600.0}
RECIPE = """
folder = "$work/main"
lexicon = "$speech/toki.dict"
noises = "$work/noise-s10"
chunks = [8, 0]
seed = 1
processes = 1
batch_seconds = 20.0
dropout = 0.0
weight_decay = 0.01
clip = 1.0
steps = {steps}
decay_steps = {decay}
save_every = 20
dev_every = 1

[[corpora]]
manifest = "$speech/toki.jsonl"
stem = "$work/toki"
versions = ["s10", "c1"]
weights = [3.0, 1.0]

[[dev]]
manifest = "$speech/dev.jsonl"
stem = "$work/dev"
versions = ["s10"]

[shape]
width = 32
blocks = 3
heads = 2
inner = 64
kernel = 5
left = 8

[schedule]
peak = 6e-3
warm_up = 10

[augmentation]
noisy = 0.1
narrow = 0.0
masks = 0
gain = 0.3
tilt = 0.1
"""


def say(text: str, rng: np.random.Generator) -> np.ndarray:
    pause = rng.normal(0, 0.001, 1600)
    parts = [pause]
    for phone in (phone for word in text.split() for phone in LEXICON[word].split()):
        time = np.arange(int(rng.uniform(0.16, 0.24) * 16000)) / 16000
        parts += [0.3 * np.sin(2 * np.pi * HERTZ[phone] * rng.uniform(0.95, 1.05) * time), pause]
    return np.concatenate(parts).astype(np.float32)


def corpus(path: Path, count: int, rng: np.random.Generator) -> None:
    entries = []
    for number in range(count):
        text = " ".join(rng.choice(list(LEXICON), int(rng.integers(2, 5))))
        audio = f"{path.stem}-{number}.wav"
        samples = say(text, rng)
        soundfile.write(path.parent / audio, samples, 16000)
        entries.append({"id": audio, "audio": audio, "text": text, "duration": len(samples) / 16000, "dataset": "toki"})
    path.write_text("".join(json.dumps(entry) + "\n" for entry in entries))


@pytest.fixture
def toki(tmp_path: Path) -> Path:
    rng = np.random.default_rng(1)
    (tmp_path / "toki.dict").write_text("".join(f"{word} {phones}\n" for word, phones in LEXICON.items()))
    corpus(tmp_path / "toki.jsonl", 24, rng)
    corpus(tmp_path / "dev.jsonl", 6, rng)
    return tmp_path


def train(*arguments: str | Path) -> Result:
    return CliRunner().invoke(build(["train"]), ["train", *map(str, arguments)])


def run(toki: Path, steps: int, decay: int) -> Result:
    (toki / "toki.toml").write_text(RECIPE.replace("{steps}", str(steps)).replace("{decay}", str(decay)))
    return train(
        "run", "--config", toki / "toki.toml", "--speech", toki, "--work", toki / "work",
        "--out", toki / "model", "--version", "1", "--name", "toki", "--storage", "float32",
    )  # fmt: skip


def test_one_command_makes_a_model_of_a_new_language(toki: Path) -> None:
    pytest.importorskip("torch", reason="training needs torch; install understudy[train]")
    result = run(toki, 2, 1)
    assert result.exit_code == 0, result.output
    from engine.acoustic.body import Body, Listener

    body = Body.load(toki / "model")
    assert body.card.tokens == ("<blk>", "ā", "ē", "ō")
    listener = Listener(body, 320)
    heard = [listener.step(say("um ran", np.random.default_rng(2))), listener.end()]
    assert np.concatenate(heard).shape[1] == 4
    card = tomllib.loads((toki / "model" / "model.toml").read_text(encoding="utf-8"))
    assert (card["name"], len(card["log_prior"])) == ("toki", 4)
    again = run(toki, 2, 1)
    assert again.exit_code == 0, "done twice is done once"
    from engine.recogniser import Recogniser

    with pytest.raises(ValueError, match="other phones than English") as told:
        Recogniser.load(toki / "model")
    assert is_user_error(told.value)


@pytest.mark.slow
def test_the_new_language_is_learnt(toki: Path) -> None:
    pytest.importorskip("torch", reason="training needs torch; install understudy[train]")
    assert run(toki, 160, 60).exit_code == 0
    log = [json.loads(line) for line in (toki / "work" / "main" / "log.jsonl").read_text().splitlines()]
    assert [entry["per"] for entry in log if "per" in entry][-1] < 20.0
    assert (toki / "work" / "main" / "curve.svg").exists()


def test_the_words_of_a_manifest_are_looked_up(toki: Path) -> None:
    (toki / "toki.dict").write_text("um ō\nran ē ā\nsel ā ō ē\n")
    result = train("words", toki / "toki.jsonl", "--lexicon", toki / "toki.dict", "--json")
    answer = json.loads(result.stdout)
    assert answer["phones"] == 3
    assert answer["utterances"] + answer["left_out"]["a word is not in the lexicon"] == 24
    assert list(answer["unknown_words"]) == ["tō"]


def test_a_corpus_is_imported(toki: Path) -> None:
    rows = [{"audio_filepath": f"toki-{n}.wav", "text": "um", "speaker": "s"} for n in range(3)]
    rows.append({"audio_filepath": "gone.wav", "text": "um"})
    (toki / "nemo.json").write_text("".join(json.dumps(row) + "\n" for row in rows))
    result = train("import", "nemo", toki / "nemo.json", toki / "out.jsonl", "--json")
    answer = json.loads(result.stdout)
    assert (answer["utterances"], answer["speakers"], answer["refused"]) == (3, 1, {"its audio is missing": 1})
    assert len((toki / "out.jsonl").read_text().splitlines()) == 3


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("curve", "nowhere"), "no such log"),
        (("tune", "--work", "w", "--config", "standart"), "neither a .toml file nor one of"),
        (("tune", "--work", "w", "--config", "gone.toml"), "gone.toml: cannot be read"),
        (("import", "nemo", "gone.json", "out.jsonl"), "no such file or folder"),
        (("words", "gone.jsonl", "--lexicon", "gone.dict"), "gone.dict: cannot be read as a lexicon"),
    ],
)
def test_mistakes_are_told_in_one_line(arguments: tuple[str, ...], told: str) -> None:
    pytest.importorskip("torch", reason="training needs torch; install understudy[train]")
    result = train(*arguments)
    assert result.exception is not None
    assert is_user_error(result.exception)
    assert told in str(result.exception)
    assert "\n" not in str(result.exception)


def test_without_torch_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "torch" else sys)
    result = train("tune", "--work", tmp_path)
    assert 'training needs torch; install with pip install "understudy[engine,train]"' in str(result.exception)
