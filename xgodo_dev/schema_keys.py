"""The names by which the platform answers a project's schemas."""

from __future__ import annotations

from typing import Final

PARAMETERS: Final = "automation_parameters_schema"
VARIABLES: Final = "job_variables_schema"
BUCKET: Final = "bucket_schema"
KEYS: Final = (PARAMETERS, VARIABLES, BUCKET)
