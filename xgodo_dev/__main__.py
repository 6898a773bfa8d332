"""The program's entry, also for ``python -m xgodo_dev``."""

import gc
import os
import signal
import sys
from typing import NoReturn


def main() -> NoReturn:
    """Run the command line.

    Until it is loaded there is nothing to clean up: an early Ctrl-C ends the process without the
    traceback that Python would print. A parent's decision to ignore Ctrl-C is kept.
    """
    # What is loaded is no garbage, and looking for some meanwhile takes a tenth of a small push, or of what
    # the shell waits for at a Tab. A command that lasts looks for it again: `cli.interrupts.run`.
    gc.disable()
    shell = os.environ.get("_XGODO_DEV_COMPLETE")
    if shell in ("bash", "zsh", "fish"):
        from xgodo_dev.cli.completing import answer

        answer.main(shell)
        os._exit(0)
    listens = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if listens:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    # httpx has a command of its own. Where rich is installed it is loaded too, and takes longer than httpx.
    sys.modules["httpx._main"] = None  # type: ignore[assignment]
    from xgodo_dev import known_tokens
    from xgodo_dev.cli.app import main as run

    # Compilers, git with its hooks, an editor: none of them needs anybody's token.
    known_tokens.withhold()
    if listens:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        run()
    except SystemExit as end:
        # All is written and closed: each command ends what it began. Python would go on to take apart what
        # it loaded, piece by piece, which after a push takes longer than a request.
        os._exit(int(end.code or 0))


if __name__ == "__main__":
    main()
