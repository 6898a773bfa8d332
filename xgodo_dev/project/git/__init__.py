"""The local git repository of a project: where it is, which branch, what is committed."""
