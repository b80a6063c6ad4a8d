"""Hostile input for every parser of `collect`: seeds, what must hold for any bytes, and runs as long as one likes."""
