"""Documents from other people's servers: politely, within bounds, and only from where they may be."""
