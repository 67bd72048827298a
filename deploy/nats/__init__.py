"""Who may connect to NATS, and what each can hear: see README.md."""
