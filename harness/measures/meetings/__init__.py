"""Words of several speakers: who said what, with and without regard to who and when."""
