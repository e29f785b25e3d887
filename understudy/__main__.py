"""``python -m understudy``: the same as the installed command."""

from understudy.cli import main

main()
