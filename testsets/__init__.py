"""Cases: audio, transcripts, event logs, manifests, foreign formats, synthesis. A leaf: imports nothing of ours."""
