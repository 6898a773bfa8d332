"""The emulated services, one module a section of the platform's API.

Each module has the same shape: an async function per endpoint that takes the emulator and a
``Call`` and returns the JSON document of a 200 answer, and ``ENDPOINTS``, which names their
methods and paths below ``/api``. A refusal is raised. To add a service, write such a module and list it in
``emulator.app``.
"""
