from tests.room.made import room, watch

__all__ = ["room", "watch"]
