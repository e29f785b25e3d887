"""Shadow: the tee feeding a live candidate, whose answers are compared and stored, and never reach the client.

``rehearsal`` decides what the candidate hears of a session and when; ``disagreement`` counts how its words differ from
the champion's. Neither does I/O. ``line`` and ``stage`` are the shells: one connection, and the thread of all of them.
"""
