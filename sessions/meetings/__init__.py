"""Logs of video meetings: who came into a call and when they left, as Zoom, Teams, Meet and BigBlueButton tell it.

It reads the files, adds up how long each name was there, matches names to the summons and rooms to points, and keeps
what was found until staff accept it. Only then does a row become a check-in.
"""
