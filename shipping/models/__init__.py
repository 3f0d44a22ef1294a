"""All tables of the context: whoever imports this package has them all in the metadata."""

from shipping.models import parcels, site, tracking, weights

__all__ = ["parcels", "site", "tracking", "weights"]
