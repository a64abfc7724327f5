"""Spaces that share no axes: what the same words have in common in several of them, and how one can be turned onto another."""
