from kernel.db.relay import Subscription

SUBSCRIPTIONS: tuple[Subscription, ...] = ()
