"""Arms are read from the command line, and change only what they say."""

import tomllib
from pathlib import Path

import pytest

from benchmarks.recogniser.arms import Arm, with_body, with_decode, with_table

MODEL = """format = 1

[state]
keys = [1, 2]

[decode]
beam = 12.0
max_active = 2000

[confidence]
posterior = [0, 1]
"""


def test_an_arm_is_a_folder_with_settings():
    arm = Arm.parse("wide=some/model,beam=14.5,max_active=4000,mbr=false,chunk_ms=full,max_delay_ms=700")
    assert arm == Arm("wide", Path("some/model"), None, 700, {"beam": 14.5, "max_active": 4000, "mbr": False})


def test_a_second_pass_has_a_folder_and_settings_of_its_own():
    arm = Arm.parse("two=some/model,lattice_beam=6.0,rescoring=some/lm,second_beam=4.0,second_most=3")
    assert (arm.rescoring, arm.second, arm.decode) == (Path("some/lm"), {"beam": 4.0, "most": 3}, {"lattice_beam": 6.0})


@pytest.mark.parametrize("wrong", ["some/model", "=some/model", "wide=", "wide=some/model,beam"])
def test_what_is_no_arm_is_refused(wrong):
    with pytest.raises(ValueError, match="arm"):
        Arm.parse(wrong)


def test_changed_settings_leave_the_rest_of_the_model_as_it_was():
    changed = tomllib.loads(with_decode(MODEL, {"beam": 9.0, "mbr": False}))
    before = tomllib.loads(MODEL)
    assert changed["decode"] == {"beam": 9.0, "max_active": 2000, "mbr": False}
    assert {key: value for key, value in changed.items() if key != "decode"} == {
        key: value for key, value in before.items() if key != "decode"
    }


def test_a_table_is_replaced_or_added():
    assert tomllib.loads(with_table(MODEL, "confidence", "posterior = [0, 0.5]\n"))["confidence"]["posterior"][1] == 0.5
    assert tomllib.loads(with_table("format = 1\n", "confidence", "posterior = [0]\n"))["confidence"]["posterior"] == [
        0
    ]


def test_a_shared_body_is_found_from_anywhere(tmp_path: Path) -> None:
    text = 'format = 1\nbody = "../other/body.onnx"\n'
    assert with_body(text, tmp_path / "mine") == f'format = 1\nbody = "{tmp_path / "other" / "body.onnx"}"\n'
    assert with_body("format = 1\n", tmp_path) == "format = 1\n"
