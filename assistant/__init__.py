"""How the assistant answers: understand → check the rules → retrieve → decide → compose → verify → record.

Start reading at `assistant.py`, whose `reply` is written in that order.
"""
