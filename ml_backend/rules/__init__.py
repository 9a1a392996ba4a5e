"""Pure rules of titles: words, lengths, policies, faithfulness; titlelab may use them too."""
