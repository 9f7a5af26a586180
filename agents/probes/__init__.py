"""Placeholder docstring: states promise and border."""
