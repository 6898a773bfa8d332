"""The account and its balance. Made from the spec by `make generate`."""

from __future__ import annotations

from typing import Literal, TypedDict

from xgodo_dev.platform.clients.calling import Calls


class Balance(TypedDict):
    """What an account has, in US dollars."""

    balance: float
    active_balance: float
    pending_earnings: float
    """Earned with tasks that nobody has confirmed yet."""


class UserMeResult(TypedDict):
    """The account."""

    success: Literal[True]
    user: UserMeResultUser


class UserMeResultUser(TypedDict):
    """`user` of `UserMeResult`."""

    name: str
    email: str


class User:
    """The account and its balance."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def balance(self) -> Balance:
        """Show the balance of the account.

        The balance, what of it is active, and the earnings that are still pending, in US dollars.

        Returns:
            The balance.

        Source: the platform's client API documentation.
        """
        result: Balance = await self._calls.call("user.balance", {})
        return result

    async def me(self) -> UserMeResult:
        """Show whose token it is.

        Returns:
            The account.

        Source: the platform's own command-line client; no document describes it.
        """
        result: UserMeResult = await self._calls.call("user.me", {})
        return result
