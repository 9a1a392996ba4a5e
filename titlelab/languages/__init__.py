"""English and Chinese for everything that a person reads in the admin and in Label Studio; below all other packages."""
