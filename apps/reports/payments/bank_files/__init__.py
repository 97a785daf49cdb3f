"""One module for each file that a bank or platform takes to pay many at once, found by being here.

Each has `METHODS`, the payout methods it pays by; `ENDING`, of its file's name; `check(batch, policy)`, which raises
`NotPayable` where it can't pay that batch; and `write(batch, payouts, policy) -> bytes`, the same bytes every time.
"""
