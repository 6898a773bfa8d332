"""What editors need of a project: tasks, problem matchers, launches, and the schema of its settings."""
