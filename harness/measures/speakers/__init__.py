"""Who spoke when, against who was said to: diarisation and Jaccard errors, speaker counts and label switches."""
