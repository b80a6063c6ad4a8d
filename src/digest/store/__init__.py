"""The database: the schema and its migrations, and one function per intent.

It knows rows and nouns, not rules: what may follow what is said by its callers, as the old states
that a change is guarded by.
"""
