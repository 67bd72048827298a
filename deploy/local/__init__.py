"""The whole platform on one machine: `make run`, `make token`, `make demo`. Nothing here is part of production."""
