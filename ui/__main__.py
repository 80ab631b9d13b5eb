"""`python -m ui` is `brand-assistant`."""

from ui.cli import main

main()
