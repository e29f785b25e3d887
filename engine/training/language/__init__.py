"""Training of the small neural language model (torch); it runs without torch by ``engine.rescoring``."""
