"""``python -m pixret.cli``."""

from pixret.cli import main

if __name__ == "__main__":
    main()
