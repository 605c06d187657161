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
cache=${HEADROOM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/headroom}/chroots
folder=$cache/$suite
here=$(cd "$(dirname "$0")" && pwd)

window=(xvfb xauth x11-utils x11-apps xdotool imagemagick openbox procps libgl1-mesa-dri libegl1 libegl-mesa0
  libglx-mesa0 mesa-vulkan-drivers fonts-dejavu-core)
blender=(blender python3-numpy python3-requests python3-cattr)
headroom=(python3-torch python3-scipy python3-soundfile libespeak-ng1)
safetensors=0.8.0

say() { echo "$*" >&2; }
fail() { say "make test-gui: $*"; exit 1; }

[ "$(uname -s)" = Linux ] || fail "needs Linux: it builds a small Debian with a real Blender"
[ "$(id -u)" = 0 ] || fail "needs root to build and enter a Debian chroot; run: sudo make test-gui"
wanted=$(printf '%s\n' "${window[@]}" "${blender[@]}" "${headroom[@]}" "$safetensors" | sha256sum | cut -c1-16)
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
mirror=$(apt-get indextargets --format '$(SITE) $(ORIGIN) $(LABEL)' 2>/dev/null | awk '$2 == "Debian" && $3 == "Debian" {print $1; exit}')

build() {
  rm -rf --one-file-system "$folder"
  mmdebstrap --quiet --mode=root --variant=minbase \
    --aptopt='Apt::Install-Recommends "false"' --aptopt='Acquire::Check-Valid-Until "false"' \
    --aptopt='Acquire::Retries "5"' --skip=output/dev --skip=cleanup/apt/lists \
    --include="ca-certificates,$(IFS=,; echo "${window[*]}"),$(IFS=,; echo "${blender[*]}"),$(IFS=,; echo "${headroom[*]}")" \
    "$suite" "$folder" ${mirror:+"$mirror"} >&2
}

say "building a $suite system with Blender in $folder (some minutes, once)"
for attempt in 1 2 3; do
  if build; then break; fi
  [ "$attempt" -lt 3 ] || fail "the $suite system could not be built; see the messages above, then try again"
  say "attempt $attempt failed; trying again in 20 s"
  sleep 20
done

# Debian has no safetensors for these Pythons; its wheel holds one library for all of them (abi3).
# `platform` is the machine's, which the chroot shares.
wheels=$(mktemp -d)
trap 'rm -rf "$wheels"' EXIT
python=${PYTHON:-$here/../../.venv/bin/python}
"$python" -m pip download --quiet --no-deps --only-binary=:all: --dest "$wheels" "safetensors==$safetensors" >&2 ||
  fail "safetensors could not be downloaded with $python -m pip"
"$python" -m zipfile -e "$wheels"/safetensors-*.whl "$folder/usr/lib/python3/dist-packages" >&2

echo "$wanted" >"$stamp"
say "built $folder: $(du -sh --one-file-system "$folder" | cut -f1)"
echo "$folder"
