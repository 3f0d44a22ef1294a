"""All tables of the context: whoever imports this package has them all in the metadata."""

from shipping.models import freight, packing, parcels, site, tracking, weights

__all__ = ["freight", "packing", "parcels", "site", "tracking", "weights"]
