"""The Django project: what is sold, what people said of it, what was learnt."""
