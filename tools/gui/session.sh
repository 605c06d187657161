#!/bin/bash
# Inside a Debian system: a screen in memory and Blender on it. Ends when Blender does.
cd /mnt/work || exit 1
mkdir -p /tmp/.X11-unix && chmod 1777 /tmp /tmp/.X11-unix
rm -f display
Xvfb -displayfd 3 -screen 0 1280x800x24 +extension GLX -nolisten tcp 3>display.part >xvfb.log 2>&1 &
for _ in $(seq 200); do
  [ -s display.part ] && break
  sleep 0.1
done
[ -s display.part ] || { echo "Xvfb did not start" >&2; cat xvfb.log >&2; exit 1; }
mv display.part display
DISPLAY=:$(cat display)
export DISPLAY
# What is heard lies in a file: machines that test have no loudspeakers.
printf '[general]\ndrivers = wave\n[wave]\nfile = /mnt/work/heard.wav\n' >alsoft.conf
export ALSOFT_CONF=/mnt/work/alsoft.conf
blender --window-geometry 0 0 1280 800 --python-exit-code 1 --python /mnt/work/driver.py
