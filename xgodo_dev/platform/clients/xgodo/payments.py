"""Withdraw money, and list withdrawals. Made from the spec by `make generate`."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import TypedDict

from xgodo_dev.platform.clients.calling import Calls


class PaymentsWithdrawResult(TypedDict):
    """The withdrawal is on its way."""

    msg: str


class PaymentsWithdrawalsResult(TypedDict):
    """The withdrawals of the account, and what they add up to."""

    total_count: int
    """Withdrawals on all pages."""
    transactions: list[Transaction]
    page: int
    balance: float
    """The account's balance, in US dollars."""
    total_withdraw: float
    """All withdrawals in US dollars, below zero."""
    total_deposit: float
    """All deposits in US dollars."""


# Names that no attribute can have.
_TransactionNames = TypedDict("_TransactionNames", {"__v": "int"})


class Transaction(_TransactionNames):
    """A withdrawal. Amounts are decimal numbers in text, negative where money leaves the account."""

    _id: str
    reference_id: str
    user_id: str
    recipient_id: str | None
    crypto_uuid: str | None
    payment_type: str
    payment_method: str
    payment_details: str
    transaction_fee: str
    currency: str
    amount: str
    wallet_address: str
    status: str
    """Uncertain: The other statuses are not documented."""
    reason: str | None
    created: str
    """In ISO 8601."""
    updated: str
    """In ISO 8601."""
    process_date: str | None
    """In ISO 8601.

    Uncertain: Presumably null until the money is on its way.
    """
    transaction_id: str
    transaction_proof: str | None
    """Uncertain: Presumably null until the money is on its way."""


class Payments:
    """Withdraw money, and list withdrawals."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def withdraw(self, *, amount: float, wallet_address: str) -> PaymentsWithdrawResult:
        """Withdraw money to a wallet.

        Starts a withdrawal from the account's balance, which has to cover it.

        Args:
            amount: US dollars to withdraw, at least the platform's minimum payout. Uncertain: The minimum
                payout is not documented.
            wallet_address: Address of the wallet that receives the money. At least 1 character.

        Returns:
            The withdrawal is on its way.

        Raises:
            ApiError: The balance is insufficient, the amount is below the minimum payout, or the request is
                invalid; the message says which.

        Source: the platform's client API documentation.
        """
        result: PaymentsWithdrawResult = await self._calls.call(
            "payments.withdraw", {"amount": amount, "wallet_address": wallet_address}
        )
        return result

    async def withdrawals(
        self, *, page: int | None = None, limit: int | None = None
    ) -> PaymentsWithdrawalsResult:
        """List recent withdrawals.

        Answers with 404 where there are none.

        Args:
            page: Number of the page, from 1. At least 1.
            limit: Withdrawals on a page. At least 1. Uncertain: Neither the default nor the largest page is
                documented.

        Returns:
            The withdrawals of the account, and what they add up to.

        Raises:
            NotFound: No transactions found.

        Source: the platform's client API documentation.
        """
        result: PaymentsWithdrawalsResult = await self._calls.call(
            "payments.withdrawals", {"page": page, "limit": limit}
        )
        return result

    def iter_withdrawals(self, *, limit: int | None = None) -> AsyncGenerator[Transaction, None]:
        """Each of what `withdrawals` lists, asked for page by page as they are needed.

        Args:
            limit: Withdrawals on a page. At least 1. Uncertain: Neither the default nor the largest page is
                documented.
        """
        return self._calls.pages("payments.withdrawals", {"limit": limit})
