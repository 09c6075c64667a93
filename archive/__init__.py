"""The vault: what is kept and replayed, and the log of who watched it.

It owns the storage, the catalogue of recordings, their renditions and slides, viewings, beats and coverage.
It imports the register only, and hands it one compact row of evidence per person and part.
"""
