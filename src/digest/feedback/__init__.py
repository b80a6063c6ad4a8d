"""What came back about letters that were submitted: the provider's signed events, and rule R.

signatures   is this post really the provider's, and of now
events       the post's bytes as events, and what each of them means
settling     events move the ledger forward, in whatever order they come
reconciling  what no event tells of: whether an uncertain request may be submitted once more
"""
