"""pytest imports a test file by its folders, so it would take the folder `gateway/` for the package of that name.
Imported before, the package is there already."""

import gateway  # noqa: F401
