"""What requesters do over MTurk's API, in the house's own verbs: keys, HIT types, HITs, verdicts, bonuses."""
