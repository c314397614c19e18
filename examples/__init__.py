"""Small complete applications, each driven by a test."""
