"""One module for each file that a bank or platform takes to pay many at once, found by being here.

Each has a `TITLE`; `PAYS`, which tells the payouts that it can pay; `ENDING`, of its file's name;
`check(batch, policy)`, which raises `NotPayable` where it can't pay that batch; and `write(batch, orders, policy) ->
bytes`, the same bytes always.
"""
