"""What a loop is asked to do."""

from __future__ import annotations

from dataclasses import dataclass

from xgodo_dev.project import arguments
from xgodo_dev.project.arguments import Arguments, Pairs
from xgodo_dev.project.config import Project
from xgodo_dev.schema.input_schema import Schemas


@dataclass(frozen=True)
class WatchOptions:
    """What the loop does with a save."""

    run: bool = False
    check: bool = True
    push: bool = True
    poll: float | None = None
    """Seconds between two looks at what others changed on the server; None: none."""
    parameters: tuple[str, ...] = ()
    """For its runs, each as ``NAME=VALUE``, over what the settings say."""
    variables: tuple[str, ...] = ()

    def arguments_of(self, project: Project, known: Schemas) -> Arguments:
        """What its runs are started with, by what the project says now.

        Raises:
            ArgumentsInvalid: none can be.
        """
        parameters, variables = Pairs("--param", self.parameters), Pairs("--var", self.variables)
        return arguments.resolve(project, known, [parameters], [variables])
