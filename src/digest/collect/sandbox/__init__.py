"""Parsing in processes that may die without harm, and what was parsed before."""
