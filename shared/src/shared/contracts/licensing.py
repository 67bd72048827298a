"""What licensing publishes. It has no events yet."""
