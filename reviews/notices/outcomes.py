"""What may come of handing a message to its channel, when it is not sent."""


class Away(Exception):
    """Nobody answers there, or not now: the same message may be sent later."""


class Refused(Exception):
    """It was refused for good: a sentence that says why, and holds no secret."""
