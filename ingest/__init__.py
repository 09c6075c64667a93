"""The workshop: from an upload to something that can be published.

It owns uploads, the gate, probing, the ladder, encoding, slides, their timeline, and the job rows that drive them.
It imports the vault and the register, and is the only room that runs ffmpeg.
"""
