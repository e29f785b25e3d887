"""The capture store: one MCAP file a session, written append-only, read back even when torn."""
