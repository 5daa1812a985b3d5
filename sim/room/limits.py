"""How much people may write, and how many may join: enough for any room, too little to fill a disk."""

NAME = 40
"""characters of a team's name"""
TITLE = 120
"""characters of an improvised inject's title, source and reliability"""
TEXT = 2_000
"""characters of a reason, and of an improvised inject's text"""
TEAMS = 60
SEATS = 60
"""at one team's table"""
CHANGES_OF_MIND = 200
"""how often a team may send another decision in one move"""
MINUTES = 120
"""that may be added at once"""
IMPROVISED = 200
"""injects made up, and changes of a level or of noise, in one exercise"""
