"""`python -m titlelab.samples` writes both catalogs again, byte for byte the same."""

from titlelab.samples.chinese import CHINESE
from titlelab.samples.english import ENGLISH
from titlelab.samples.writing import write_samples

for language in (ENGLISH, CHINESE):
    write_samples(language)
