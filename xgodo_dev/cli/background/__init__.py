"""The daemon: its process, what it answers, and what `watch` and `run` do where there is one."""
