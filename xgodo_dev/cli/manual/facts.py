"""What belongs to no single command: exit codes, environment variables and files."""

from __future__ import annotations

Facts = tuple[tuple[str, str], ...]

DESCRIPTION = (
    "Edit automations for Android phones in your own editor. `xgodo-dev watch --run` type-checks, syncs and"
    " runs them on every save; the other commands do each of these by itself, and all else that the platform"
    " Xgodo offers. Results go to stdout, everything else to stderr. With `--json` a command prints one JSON"
    " document, and one that goes on prints JSON Lines.",
    "The project is that of the current folder: the nearest one above that holds `xgodo.toml`, or"
    " `.xgodo/project.json` of the platform's own client.",
    "A device is named by its id, its name, or the beginning of either; `@online` and `@all` name several.",
)
EXIT_CODES: Facts = (
    ("0", "Done."),
    ("1", "Failed: the server said no, there are type errors, or an automation failed."),
    ("2", "The command line or a setting can't be used."),
    ("3", "Refused: it would lose somebody's edit."),
    ("4", "Not signed in, or the token was refused."),
    ("5", "Unreachable: the network, the server, or a device that is offline."),
    ("130", "Interrupted."),
)
ENVIRONMENT: Facts = (
    ("XGODO_TOKEN", "The token; it wins over every one that is stored."),
    ("XGODO_API_URL", "The server's address, before /api/v2."),
    ("XGODO_PROFILE", "The profile to use."),
    ("XGODO_DEVICE", "The devices to run on where -d names none, parted by commas."),
    ("XGODO_ADMIN_TOKEN", "The platform's admin token, for the commands that need it."),
    ("MOBILERUN_API_KEY", "The key for Mobilerun; it wins over the one that is stored."),
    ("MOBILERUN_API_URL", "Mobilerun's address, with /v1."),
    ("NO_COLOR", "Set to anything: print without colour."),
    ("SHELL", "Whose script `completion` prints where none is named."),
    ("VISUAL, EDITOR", "The editor for what is edited by hand, such as a bucket."),
    (
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "Send logs and spans of runs to this OpenTelemetry collector, as the other OTEL_ variables say.",
    ),
    ("OTEL_SDK_DISABLED", "`true`: don't."),
)
FILES: Facts = (
    ("xgodo.toml", "A project's settings."),
    (".xgodo/", "What the program keeps in a project: its state, runs, backups and declarations."),
    ("~/.config/xgodo-dev/", "Profiles, and tokens where no keyring works."),
    ("~/.cache/xgodo-dev/", "The installed TypeScript and esbuild; names for the shell's completion."),
    ("~/.local/share/xgodo-dev/", "The emulator's projects and devices."),
    ("~/.local/state/xgodo-dev/", "Where the emulator listens; what was submitted; the log file of -vv."),
)
FOLDERS_ELSEWHERE = (
    "These are the folders on Linux, where the XDG_ variables move them; macOS and Windows have theirs."
)
