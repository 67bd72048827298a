"""Opening day of South Khorasan, end to end through the gateway: `make demo`."""
