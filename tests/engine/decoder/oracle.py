"""Decode by kaldi-decoder, a search nobody here wrote: ``python oracle.py FOLDER``.

FOLDER holds LG.txt (OpenFst text, token numbers as labels, 0 epsilon) and scores.npy (N, T, V). The CTC topology is
composed in here, by the textbook construction. Prints a JSON line for each of the N: [cost, words].
"""

import json
import sys
from pathlib import Path

import kaldi_decoder
import kaldifst
import numpy as np


def topology(tokens: int) -> kaldifst.StdVectorFst:
    """States: 0 after a blank, k after token k; inputs are token + 1, outputs the tokens without repeats."""
    lines = ["0 0 1 0"]
    lines += [
        f"{state} {token} {token + 1} {token}"
        for state in range(tokens)
        for token in range(1, tokens)
        if state != token
    ]
    lines += [f"{token} {token} {token + 1} 0" for token in range(1, tokens)]
    lines += [f"{token} 0 1 0" for token in range(1, tokens)]
    lines += [f"{state} 0.0" for state in range(tokens)]
    return kaldifst.compile("\n".join(lines) + "\n", acceptor=False)


def main(folder: Path) -> None:
    scores = np.load(folder / "scores.npy")
    graph = kaldifst.compile((folder / "LG.txt").read_text(), acceptor=False)
    ctc = topology(scores.shape[2])
    kaldifst.arcsort(ctc, sort_type="olabel")
    kaldifst.arcsort(graph, sort_type="ilabel")
    both = kaldifst.StdConstFst(kaldifst.compose(ctc, graph))
    for one in scores:
        options = kaldi_decoder.FasterDecoderOptions(beam=60.0, max_active=100_000)
        decoder = kaldi_decoder.FasterDecoder(both, options)
        decoder.init_decoding()
        decoder.advance_decoding(kaldi_decoder.DecodableCtc(np.ascontiguousarray(one)))
        _, best = decoder.get_best_path()
        _, _, words, weight = kaldifst.get_linear_symbol_sequence(best)
        print(json.dumps([weight.value1 + weight.value2, [word for word in words if word]]))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
