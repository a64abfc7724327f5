"""Exports for the token explorer."""
