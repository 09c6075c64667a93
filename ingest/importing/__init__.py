"""What other systems leave behind: recording folders of BigBlueButton and Zoom, and Opencast's mediapackages.

Each importer only reads a folder and says what is in it, in one shape (`package`). `bringing` then sends every file of
it through the gate, and `placing` puts chapters and slide times where they belong once files have become recordings.
"""
