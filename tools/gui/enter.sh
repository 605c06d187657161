#!/usr/bin/env bash
# Run a command inside one of the Debian systems: enter.sh FOLDER SHARED COMMAND…
#
# SHARED appears as /mnt/work, its tmp/ as /tmp (so that X sockets never collide between runs). Mounts live in a
# namespace of their own and end with the command; so do all processes that it started.
set -euo pipefail
root=$1 shared=$2
shift 2
mkdir -p "$shared/tmp" "$shared/home" "$root/mnt/work"
export root shared
# shellcheck disable=SC2016  # expanded inside the namespace
exec unshare --mount --pid --fork --kill-child=KILL bash -ec '
  mount --make-rprivate /
  mount -t proc proc "$root/proc"
  mount --rbind /dev "$root/dev"
  mount --bind "$shared" "$root/mnt/work"
  mount --bind "$shared/tmp" "$root/tmp"
  display=$(cat "$shared/display" 2>/dev/null || true)
  exec chroot "$root" env -i HOME=/mnt/work/home LANG=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    DISPLAY=":$display" XDG_RUNTIME_DIR=/tmp LIBGL_ALWAYS_SOFTWARE=1 GALLIUM_DRIVER=llvmpipe "$@"
' enter "$@"
