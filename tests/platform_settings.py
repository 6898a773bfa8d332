"""The compiler options of the platform's documentation, which are also those its own client writes."""

from __future__ import annotations

# No module resolution is named there.
COMPILER_OPTIONS: dict[str, object] = {
    "target": "ES2017",
    "module": "ES2015",
    "lib": ["esnext", "dom"],
    "strict": True,
    "noImplicitReturns": True,
    "noEmit": True,
    "skipLibCheck": True,
    "typeRoots": ["./types"],
}
