"""Dawid-Skene over more than one process or machine: each module is an engine, found by its name."""
