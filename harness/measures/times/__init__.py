"""Time: what a user waits for, taken from event logs."""
