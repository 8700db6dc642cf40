"""Demand response: baselines from past readings, events from draft to closed, and what they pay.

`history` keeps past days, `baseline` makes of them what would have been drawn, `accuracy` says how good that is; `lifecycle`
is an event's state machine, `payment` its arithmetic, `events` both over communities and participants, `step` what a slot
calls. `program` is the checked face of one community. The plain twin is `gridbid.market.naive.demand_response`.
"""
