"""What every test of the repository finds.

pytest imports a test file by its folders, so it would take the folder `gateway/` for the package of that name.
Imported before, the package is there already.
"""

import os

import gateway  # noqa: F401

# what casefile seals identities with, as its environment would tell it: 32 bytes
os.environ.setdefault("SEALING_KEYS", '{"tests": "dGhlIGlkZW50aXRpZXMgb2YgdGhlc2UgdGVzdHMuLi4="}')
# where the QR codes of licences lead to
os.environ.setdefault("VERIFICATION_ADDRESS", "https://licences.test/")
