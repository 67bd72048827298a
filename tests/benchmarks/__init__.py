"""Measurements against a baseline that runs side by side, so that a noisy machine is noisy for both."""
