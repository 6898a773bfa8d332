"""The remote over HTTP: one transport, typed errors, credentials, clients."""
