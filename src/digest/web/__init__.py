"""The pages that readers and machines reach: the archive, unsubscribing, preferences, health."""
