"""The demo: three real campaigns from data to labels and pay, by a crowd whose errors are known."""
