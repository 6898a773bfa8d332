"""The program's entry, also for ``python -m xgodo_dev``."""

import signal
from typing import NoReturn


def main() -> NoReturn:
    """Run the command line.

    Until it is loaded there is nothing to clean up: an early Ctrl-C ends the process without the
    traceback that Python would print. A parent's decision to ignore Ctrl-C is kept.
    """
    listens = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if listens:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from xgodo_dev.cli.app import main as run

    if listens:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    run()


if __name__ == "__main__":
    main()
