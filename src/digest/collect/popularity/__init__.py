"""How often stories were read, from wherever a publisher counts it."""
