"""A brand to try Headwater with: a retailer's real year of orders, made-up browsing, and the main job shown in minutes.

`loading.load` makes the brand and `showcase.start` lets things happen to it; both use only what any shop could use.
"""
