"""All tables of the context: whoever imports this package has them all in the metadata."""

from shipping.models import packing, parcels, site, tracking, weights

__all__ = ["packing", "parcels", "site", "tracking", "weights"]
