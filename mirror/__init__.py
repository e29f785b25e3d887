"""The mirror: capture of live sessions, their store, and their replay.

``capture`` is a byte-level tee that forwards first and records second; ``store`` keeps one append-only MCAP file a
session and reads it back into messages, cases and event logs; ``replay`` plays a case to a recogniser on an absolute
schedule and returns the event log; ``codecs`` holds what differs between wires. Everything but the named shells
(``capture.tee``, ``capture.recorder``, ``replay.client``) does no I/O on sockets and is handed its clock.
"""
