"""xAPI of replays: what viewings and credits say to a learning record store.

`words`, `spells`, `viewings` and `credits` are pure: from plain facts to statements. `journal` reads the watch log and
keeps every statement as it was first told; `lrs` speaks to a store, and `forwarding` sends the journal there.
What leaves and what does not is decided in deploy/decisions/0008-what-leaves-as-xapi.md.
"""
