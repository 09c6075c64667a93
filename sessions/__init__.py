"""The register: who met, where, how many, and who gets credit.

It owns units, people, roles, conference sessions, connection points, headcounts, attendance and the audit trail.
It imports no other room: whatever the vault or the workshop know reaches it as plain values.
"""
