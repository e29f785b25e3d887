"""The dictionary of one session: words and phrases to listen for, as a small graph beside the shared one."""
