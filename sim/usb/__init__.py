"""A stick for a room without internet: wheels for every system, the kits of exercises, and one page that says what to do."""
