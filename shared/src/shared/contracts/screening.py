"""What screening publishes. It has no events yet."""
