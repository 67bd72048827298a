"""Services are strangers, so a list that two of them need lies in both: it has to say the same."""

import csv
from pathlib import Path

ROOT = Path(__file__).parents[2]
REGISTRY = ROOT / "svc-registry/migrations/data"
CERTIFICATES = ROOT / "svc-licensing/src/svc_licensing/certificates/divisions.csv"


def _names(file: Path, code: str) -> dict[str, str]:
    with file.open(encoding="utf-8", newline="") as lines:
        return {row[code]: row["name_fa"] for row in csv.DictReader(lines)}


def test_certificates_name_provinces_and_counties_as_the_registry_does() -> None:
    provinces, counties = (
        _names(REGISTRY / f"{each}.csv", code)
        for each, code in (("provinces", "province_code"), ("counties", "county_code"))
    )
    assert _names(CERTIFICATES, "code") == provinces | counties
