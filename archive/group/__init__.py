"""Group replay: one recording shown to a room, and who was there to see it.

`showings` opens the room and hears its player, `arrivals` checks people in, `shares` settles who saw what and signs it.
`rule` and `codes` are pure: they read nothing but their arguments.
"""
