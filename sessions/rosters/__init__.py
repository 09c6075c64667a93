"""Rosters: lists of people as offices keep them, taken over into the rolls.

`lines` reads what a file says, `places` finds which unit a cell means, `faults` names what needs a look, `matching`
finds who is meant, `taking` writes the people, and `imports` keeps each file from its preview to its end.
"""
