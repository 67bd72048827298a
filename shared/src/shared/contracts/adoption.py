"""What adoption publishes. It has no events yet; when it has, they announce ids and states only."""
