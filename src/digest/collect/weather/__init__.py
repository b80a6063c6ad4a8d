"""The weather for the masthead: a provider is one small module."""
