"""Policies: every mistake is told with file and key; margins apply where they should."""

from __future__ import annotations

import pytest

from harness.errors import PolicyError
from harness.gate.policy import policy_keys
from harness.gate.policy_file import default_policy, parse_policy

HEAD = 'version = 1\nname = "p"\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("version = 1\n[margins]\n", "gate.toml: name: is missing"),
        ('version = 2\nname = "p"\n[margins]\n', "gate.toml: version: input should be 1, got 2"),
        (HEAD + "alfa = 1\n[margins]\n", "gate.toml: alfa: unknown key; did you mean 'alpha'?"),
        (HEAD + "[margins.wre]\nabsolute = 1\n", "gate.toml: margins.wre: no such measure; did you mean 'wer'?"),
        (HEAD + "[margins.wer]\nabsolut = 1\n", "margins.wer.absolut: unknown key; did you mean 'absolute'?"),
        (HEAD + "[margins.wer]\nabsolute = -1\n", "margins.wer.absolute: input should be greater than or equal to 0"),
        (HEAD + "[margins.wer]\nabsolute_ms = 1\n", "margins.wer: is a ratio; give absolute"),
        (HEAD + '[margins."final_latency.p95"]\nabsolute = 1\n', "is a delay; give absolute_ms"),
        (HEAD + "[margins.wer]\n", "margins.wer: says no margin"),
        (HEAD + "[margins]\n[overrides.all.cre]\nabsolute = 1\n", "overrides.all.cre: no such measure"),
        (HEAD + "[margins]\n[findings]\nfailed = 'explode'\n", "findings.failed: input should be 'fail', 'hold' or"),
        (HEAD + "normaliser = 'klingon'\n[margins]\n", "normaliser: no such pack 'klingon'; there are none, basic"),
        (HEAD + "alpha = 'x'\n[margins]\n", "gate.toml: alpha: input should be a valid number"),
        (HEAD + "[margins]\n[looks]\nfractions = [0.5, 0.25]\n", "looks.fractions: ascending shares of the cases"),
        (HEAD + "[margins]\n[looks]\nfractions = [1.5]\n", "looks.fractions.0: input should be less than 1"),
        (
            HEAD + "[margins]\n[speakers]\ndialect = 'sclite'\n",
            "speakers.dialect: input should be 'understudy', 'nist'",
        ),
        (HEAD + "[margins.real_time_factor]\nabsolute_ms = 1\n", "is a factor; give absolute, not absolute_ms"),
        ("=", "gate.toml: file: not TOML"),
    ],
)
def test_mistakes_name_file_and_key(text: str, message: str) -> None:
    with pytest.raises(PolicyError) as caught:
        parse_policy(text, "gate.toml")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_default_policy_gates_on_words_everywhere_and_on_latency_over_all() -> None:
    policy = default_policy()
    assert policy.margin("condition=noisy", "wer") is not None
    assert policy.margin("all", "final_latency.p95") is not None
    assert policy.margin("condition=noisy", "final_latency.p95") is None
    assert policy.margin("accent=scottish", "wer") is None


def test_an_override_replaces_the_margin_on_its_slice() -> None:
    text = HEAD + "[margins]\nwer = {absolute = 0.01}\n[overrides.'x=1']\nwer = {absolute = 0.5}\n"
    policy = parse_policy(text + "[slices]\ngating = ['all', 'x']\n", "gate.toml")
    assert [m and m.absolute for m in (policy.margin("all", "wer"), policy.margin("x=1", "wer"))] == [0.01, 0.5]
    assert policy.margin("x=2", "wer") is not None
    assert policy.margin("xy=2", "wer") is None


def test_the_digest_changes_with_every_value_and_not_with_the_layout() -> None:
    one = parse_policy(HEAD + "[margins]\nwer = {absolute = 0.01}\n", "a")
    same = parse_policy('name = "p"\nversion = 1\nalpha = 0.05\n[margins.wer]\nabsolute = 0.01\n', "b")
    other = parse_policy(HEAD + "alpha = 0.06\n[margins]\nwer = {absolute = 0.01}\n", "c")
    assert one.digest == same.digest != other.digest


def test_every_statistic_but_the_senders_pace_can_have_a_margin() -> None:
    assert {"wer", "der", "disagreement", "final_latency.p99"} <= set(policy_keys())
    assert not any(key.startswith("pace") for key in policy_keys())


def test_scores_depend_on_the_policys_words_speakers_and_pace() -> None:
    tables = "[words]\nkeywords = ['acme']\ncollar_ms = 100\n[speakers]\ndialect = 'nist'\ncollar_ms = 250\n"
    rules = parse_policy(HEAD + "[margins]\n" + tables, "gate.toml").rules
    assert (rules.keywords, rules.word_collar_ms, rules.lateness_budget_ns) == (("acme",), 100, 50_000_000)
    assert (rules.dialect.convention.name, rules.dialect.collar_ms) == ("nist", 250)
