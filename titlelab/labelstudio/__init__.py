"""All that the loop says to Label Studio and reads from it; launching/ starts it, web/simulating/ plays annotators."""
