from tests.git_repositories import git, repository

__all__ = ["git", "repository"]
