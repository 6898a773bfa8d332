"""One automation project on disk: settings, files that count, state, scaffold."""
