"""The front desk: HTTP, sign-in, the command line, the embedded servers and the web UI.

It imports every room and nothing imports it. It owns no rule: it opens the transaction, asks a room, and answers.
"""
