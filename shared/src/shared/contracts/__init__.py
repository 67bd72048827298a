"""What the parts of the platform promise each other: events, permission words, roles."""
