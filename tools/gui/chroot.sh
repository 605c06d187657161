#!/usr/bin/env bash
# Build, once, a Debian system with a real Blender in it, and print the folder where it lies.
#
#   tools/gui/chroot.sh trixie    Blender 4.3, Python 3.13, torch 2.6
#   tools/gui/chroot.sh sid       Blender 5.2 LTS, Python 3.14, torch 2.14
#
# Wheels for Blender's Python cannot all be had for these versions; Debian builds torch, scipy and the rest for the
# very Python that its Blender runs on. The folder is cached outside the checkout and rebuilt when this list changes.
set -euo pipefail

suite=${1:?say which suite: trixie or sid}
cache=${HEADROOM_CACHE:-${XDG_CACHE_HOME:-~/.cache}/headroom}/chroots
folder=$cache/$suite

window=(xvfb x11-apps xdotool imagemagick procps libgl1-mesa-dri libegl1 libegl-mesa0 libglx-mesa0
  mesa-vulkan-drivers)
blender=(blender python3-numpy python3-requests python3-cattr)
headroom=(python3-torch python3-scipy python3-soundfile python3-safetensors libespeak-ng1)

say() { echo "$*" >&2; }
fail() { say "make test-gui: $*"; exit 1; }

[ "$(uname -s)" = Linux ] || fail "needs Linux: it builds a small Debian with a real Blender"
[ "$(id -u)" = 0 ] || fail "needs root to build and enter a Debian chroot; run: sudo make test-gui"
if command -v unshare >/dev/null && ! unshare --mount --pid --fork true 2>/dev/null; then
  fail "this container allows no mounts (unshare --mount fails); run it on a machine or with CAP_SYS_ADMIN"
fi
packages=("${window[@]}" "${blender[@]}" "${headroom[@]}")
wanted=$(printf '%s\n' "${packages[@]}" | sha256sum | cut -c1-16)
stamp=$folder.stamp
mkdir -p "$cache"
exec 9>"$folder.lock"
flock 9 # two runs at once build it once
if [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
  echo "$folder"
  exit 0
fi

tools=()
command -v mmdebstrap >/dev/null || tools+=(mmdebstrap)
command -v unshare >/dev/null || tools+=(util-linux)
[ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || tools+=(debian-archive-keyring)
if [ ${#tools[@]} -gt 0 ]; then
  command -v apt-get >/dev/null || fail "needs ${tools[*]}; install them with your system's package manager"
  say "installing ${tools[*]}"
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${tools[@]}"; } >&2
fi

# The mirror that this machine already uses, where it is a Debian; else mmdebstrap's own default.
targets=$(apt-get indextargets --format '$(SITE) $(ORIGIN) $(LABEL)' 2>/dev/null || true)
mirror=$(awk '$2 == "Debian" && $3 == "Debian" && !found {print $1; found = 1}' <<<"$targets")

build() {
  rm -rf --one-file-system "$folder"
  mmdebstrap --quiet --mode=root --variant=minbase \
    --aptopt='Apt::Install-Recommends "false"' --aptopt='Acquire::Check-Valid-Until "false"' \
    --aptopt='Acquire::Retries "5"' --skip=output/dev \
    --include="$(IFS=,; echo "ca-certificates,${packages[*]}")" \
    "$suite" "$folder" ${mirror:+"$mirror"} >&2
}

say "building a $suite system with Blender in $folder (some minutes, once)"
for attempt in 1 2 3; do
  if build; then break; fi
  [ "$attempt" -lt 3 ] || fail "the $suite system could not be built; see the messages above, then try again"
  say "attempt $attempt failed; trying again in 20 s"
  sleep 20
done

echo "$wanted" >"$stamp"
say "built $folder: $(du -sh --one-file-system "$folder" | cut -f1)"
echo "$folder"
