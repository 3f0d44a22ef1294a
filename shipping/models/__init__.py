"""All tables of the context: whoever imports this package has them all in the metadata."""

from shipping.models import freight, overrules, packing, parcels, site, tracking, weights

__all__ = ["freight", "overrules", "packing", "parcels", "site", "tracking", "weights"]
