"""Lets ``python -m xgodo_dev`` stand for ``xgodo-dev``."""

from xgodo_dev.cli.app import main

if __name__ == "__main__":
    main()
