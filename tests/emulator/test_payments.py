"""Balances and withdrawals of the emulated platform."""

from __future__ import annotations

import pytest
from platform_api import PlatformApi

from xgodo_dev.emulator.balances import MINIMUM_PAYOUT, PAYOUT_SECONDS, STARTING_BALANCE


def test_a_withdrawal_is_pending_and_then_paid_and_every_amount_follows(owner: PlatformApi) -> None:
    before = owner.get("user/balance")

    assert owner.post("payments/withdraw", amount=12.5, wallet_address="0xabc") == {"msg": "withdraw done"}

    pending = owner.get("payments/withdrawals")
    newest = pending["transactions"][0]
    assert (newest["status"], newest["amount"], newest["wallet_address"]) == ("pending", "-12.5", "0xabc")
    assert (newest["process_date"], newest["transaction_proof"]) == (None, None)
    during = owner.get("user/balance")
    assert during["active_balance"] == before["active_balance"] - 12.5
    assert during["balance"] == before["balance"] == pending["balance"]

    owner.advance(PAYOUT_SECONDS)
    paid = owner.get("payments/withdrawals")
    assert paid["transactions"][0]["status"] == "paid"
    assert paid["transactions"][0]["transaction_proof"]
    after = owner.get("user/balance")
    assert after["balance"] == after["active_balance"] == during["active_balance"] == paid["balance"]


def test_withdrawals_come_in_pages_the_newest_first(owner: PlatformApi) -> None:
    for amount in (5, 6, 7):
        owner.post("payments/withdraw", amount=amount, wallet_address="0xpages")

    first = owner.get("payments/withdrawals", page=1, limit=2)
    assert [each["amount"] for each in first["transactions"]] == ["-7", "-6"]
    assert owner.get("payments/withdrawals", page=2, limit=1)["transactions"][0]["amount"] == "-6"
    beyond = owner.get("payments/withdrawals", page=10**14, limit=10**14)
    assert (beyond["transactions"], beyond["total_count"]) == ([], first["total_count"])
    everything = owner.get("payments/withdrawals", limit=100)
    assert everything["total_withdraw"] == sum(float(each["amount"]) for each in everything["transactions"])


@pytest.mark.parametrize(
    ("amount", "wallet", "message"),
    [
        (MINIMUM_PAYOUT - 0.01, "0xabc", "Minimum payout is 5 USD"),
        (100 * STARTING_BALANCE, "0xabc", "Insufficient balance"),
        (9e15, "0xabc", "Insufficient balance"),
        (-10, "0xabc", "Minimum payout is 5 USD"),
        (10, "", "wallet_address must not be empty"),
        ("10", "0xabc", "amount must be a number"),
    ],
)
def test_what_can_not_be_withdrawn_is_refused_and_nothing_is_taken(
    owner: PlatformApi, amount: object, wallet: str, message: str
) -> None:
    before = owner.get("user/balance")

    refused = owner.post("payments/withdraw", 400, amount=amount, wallet_address=wallet)

    assert refused == {"error": message}
    assert owner.get("user/balance") == before


def test_an_account_that_withdrew_nothing_has_no_transactions(colleague: PlatformApi) -> None:
    assert colleague.get("payments/withdrawals", 404) == {"error": "No transactions found"}


@pytest.mark.parametrize("path", ["user/balance", "payments/withdrawals", "devices", "devices/market"])
def test_nobody_is_told_anything_without_a_token(nobody: PlatformApi, path: str) -> None:
    nobody.get(path, 401)
