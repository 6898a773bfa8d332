"""The options that give a run its parameters and job variables."""

from __future__ import annotations

import click

parameter_option = click.option(
    "--param", "parameters", multiple=True, metavar="K=V", help="An automation parameter."
)
variable_option = click.option("--var", "variables", multiple=True, metavar="K=V", help="A job variable.")
