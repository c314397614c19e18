"""Names of upstream's surface that differ on purpose, each with its reason."""

DIFFERENCES: dict[str, str] = {}
