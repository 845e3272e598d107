"""Rules: one engine that is asked before something begins, leaves, is decided or is published.

Read `facts -> sentences, verdicts -> shape -> matching -> cases -> asking -> drafts -> activating`. The core is pure:
`matching.judge` takes rules, a point and facts. `asking` is the door for everybody else.
"""
