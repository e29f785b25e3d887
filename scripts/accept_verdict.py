"""May CI go on after this run of the gate?

PASS: yes. HOLD: only when nothing but the speed of this machine stands against it (audio that left late, delays): a
shared runner may be too busy to judge latency, and saying so is what the gate is for. FAIL, or a HOLD about words: no.
"""

import json
import sys
from pathlib import Path

OF_THE_MACHINE = ("final_latency", "partial_latency", "first_partial", "ack_lag")


def main(run: Path) -> None:
    verdict = json.loads((run / "verdict.json").read_text())
    held = {finding["message"] for finding in verdict["findings"] if finding["kind"] == "pace"}
    others = [
        reason
        for reason in verdict["reasons"]
        if not reason.startswith(OF_THE_MACHINE) and not any(reason.endswith(message) for message in held)
    ]
    if verdict["outcome"] == "PASS" or (verdict["outcome"] == "HOLD" and not others):
        print(f"{verdict['outcome']}: accepted")
        return
    sys.exit(f"{verdict['outcome']}: {others or verdict['reasons']}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
