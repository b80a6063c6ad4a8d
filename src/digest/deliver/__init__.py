"""A letter into inboxes: the ledger of who gets it, and the dispatch that walks the ledger.

Start at `dispatch.deliver`. `ledger` says what stands and freezes the audience, `journal` moves
deliveries on in group commits, `arming` keeps a copy of a database from reaching people.
"""
