"""Plays annotators who know the answers, to show what the loop gains by each round; no part of the loop needs it."""
