"""Log-probs to words: token passing over the lexicon and language model graph, begin / step / end."""
