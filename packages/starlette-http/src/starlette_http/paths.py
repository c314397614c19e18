"""Which part of a request's path an application has to match."""

from .types import Scope

__all__ = ["get_route_path"]


def get_route_path(scope: Scope) -> str:
    """The path below the application's root: `scope["path"]` less `scope["root_path"]`.

    The root is taken off only at the end of a segment: below `/api` the path `/api/a` is `/a`,
    `/api` is `""`, and `/apix` stays whole. A final slash of the root means nothing.

    A server or proxy that takes its prefix off leaves a path that does not begin with the root.
    Then only what mounts have added to the root, since `scope["app_root_path"]`, is taken off;
    failing that the path is whole.
    """
    path: str = scope["path"]
    root: str = scope.get("root_path", "").rstrip("/")
    if not root:
        return path
    rest = _below(root, path)
    if rest is None:
        mounted = _below(scope.get("app_root_path", "").rstrip("/"), root)
        rest = _below(mounted, path) if mounted else None
    return path if rest is None else rest


def _below(root: str, path: str) -> str | None:
    """What follows `root` in `path`; None when `path` is not `root` or something under it."""
    if path.startswith(root):
        rest = path[len(root) :]
        if rest[:1] in ("", "/"):
            return rest
    return None
