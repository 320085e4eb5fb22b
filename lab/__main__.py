"""`python -m lab`, what the launcher runs."""

from lab.cli import main

if __name__ == "__main__":
    main()
