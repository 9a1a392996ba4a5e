"""Who may do what in which catalogs, and people's accounts in Label Studio."""
