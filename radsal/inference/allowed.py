"""The allow-list: every network and transform that a package may name, with its arguments.

Nothing of it is imported from MONAI: the tables decide, and what is not in them is refused.
"""

from radsal.inference.allowed_networks import NETWORK_ALIASES, NETWORKS
from radsal.inference.allowed_transforms import ACTIVATIONS, TRANSFORMS
from radsal.inference.rules import Allowed, AllowedNetwork

__all__ = [
    "ACTIVATIONS",
    "NETWORKS",
    "NETWORK_ALIASES",
    "TRANSFORMS",
    "Allowed",
    "AllowedNetwork",
]
