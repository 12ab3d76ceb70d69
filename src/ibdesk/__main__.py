"""`python -m ibdesk` runs the command line."""

from ibdesk.cli import main

if __name__ == "__main__":
    main()
