"""The face of Understudy: command line, configuration and wiring. Only this package imports everything."""

__version__ = "0.1.0"
