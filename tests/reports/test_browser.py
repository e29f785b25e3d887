"""The page in a real browser: it runs without complaint, and the filter filters."""

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.results import Outcome, Run
from reports.write import write_reports

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
    "--enable-logging=stderr", "--virtual-time-budget=3000",
)  # fmt: skip

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium: apt-get install chromium")


@pytest.fixture(scope="module")
def report(make_run: Callable[..., Run], tone: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_reports(make_run(Outcome.FAIL, str(tone)), tmp_path_factory.mktemp("report")).html


def browse(report: Path, address: str, profile: Path) -> tuple[str, list[str]]:
    """The page's elements after its script ran, and what the browser had to say."""
    command = [CHROMIUM, *QUIET, f"--user-data-dir={profile}", "--dump-dom", f"{report.as_uri()}{address}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


def shown(dom: str) -> list[str]:
    cards = re.findall(r"<article ([^>]*)>", dom)
    return [re.search(r'data-verb="(\w+)"', card)[1] for card in cards if not re.search(r'\shidden=""', card)]


def test_everything_is_shown_and_the_browser_has_nothing_to_say(report: Path, tmp_path: Path) -> None:
    dom, said = browse(report, "", tmp_path)
    assert said == []
    assert len(shown(dom)) == 7
    assert "7 of 7 shown" in dom
    assert re.search(r'<form class="filter" id="filter">', dom)


def test_a_filter_in_the_address_filters(report: Path, tmp_path: Path) -> None:
    dom, said = browse(report, "#kind=number&tag=noise%3Dbabble&verb=regression&q=SEVENTEEN%20crates", tmp_path)
    assert said == []
    assert shown(dom) == ["regression", "regression"]
    assert "2 of 7 shown" in dom
