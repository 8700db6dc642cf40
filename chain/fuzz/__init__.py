"""The market three times: the core, its plain twin and the contracts under the same random events, compared after each.

``events`` says what an event is, ``generator`` draws logs of them, ``players`` execute them, ``laws`` says what each has to keep, ``compare`` puts the
players side by side, ``shrink`` makes a failing log small, ``campaign`` runs many logs, and ``report`` tells of it.
"""
