"""South Khorasan as announced for 18 Esfand 1399: the counties, their centers, and the totals to be distributed.

Codes and map points are those of the official division list (statistics code; one point for a county).
How many files each county had was not announced: only the totals below were.
"""

from dataclasses import dataclass
from datetime import date

PROVINCE = "29"
PROVINCE_NAME_FA = "خراسان جنوبی"
PROVINCE_NAME_EN = "South Khorasan"
OPENING_DAY = date(2021, 3, 8)
FILES = 14_775
PERSONS = 39_734
FILES_PER_CENTER = (150, 450)
"""The rule in force on opening day. Here it only shapes the input: the platform has its own dated parameters."""


@dataclass(frozen=True, slots=True)
class County:
    code: str
    name_fa: str
    name_en: str
    latitude: float
    longitude: float
    centers: int


COUNTIES = (
    County("2901", "بیرجند", "Birjand", 33.0849, 59.1462, centers=8),
    County("2904", "قاین", "Qaen", 33.6502, 59.0296, centers=7),
    County("2911", "طبس", "Tabas", 33.0514, 56.7120, centers=4),
    County("2909", "زیرکوه", "Zirkuh", 33.5391, 60.1889, centers=3),
    County("2905", "نهبندان", "Nehbandan", 31.4296, 59.8025, centers=3),
    County("2903", "سربیشه", "Sarbisheh", 32.4808, 60.0531, centers=3),
    County("2908", "بشرویه", "Boshruyeh", 34.1748, 57.3528, centers=2),
    County("2906", "سرایان", "Sarayan", 33.4736, 58.4044, centers=2),
    County("2907", "فردوس", "Ferdows", 33.8558, 57.9078, centers=2),
    County("2902", "درمیان", "Darmian", 32.9437, 60.1477, centers=2),
    County("2910", "خوسف", "Khusf", 32.3382, 58.7250, centers=1),
)
