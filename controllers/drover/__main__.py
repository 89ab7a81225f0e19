"""`python -m drover`."""

from drover.cli import main

main()
