"""Briefings for salespeople: the story, what to let the customer feel, what fits them, and what never to say.

`composing.brief` makes one, `rendering.render` shows it.
"""
