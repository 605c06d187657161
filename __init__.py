"""Headroom: rigged heads and lip sync for Blender, offline.

The same folder is the Blender extension `bl_ext.user_default.headroom` and the Python package `headroom`; nothing is
imported here, so that `headroom.core` works without Blender and enabling the extension costs next to nothing.
"""


def register() -> None:
    """Add Headroom to Blender."""
    from .addon import registration

    registration.register()


def unregister() -> None:
    """Take Headroom out of Blender again."""
    from .addon import registration

    registration.unregister()
