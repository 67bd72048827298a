"""Value types without input or output: what every part of the platform means by the same word."""
