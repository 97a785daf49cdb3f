"""Watching it run: is it alive, can it work, and its figures for Prometheus. Operators' door; it changes nothing."""
