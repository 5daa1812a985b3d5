#!/bin/sh
# Installs phased from this stick into a folder of its own. Needs no internet and no administrator.
set -e
here=$(cd "$(dirname "$0")" && pwd)
there="$HOME/phased"
if ! command -v python3 >/dev/null; then
  echo "Python was not found. It is not on this stick: install Python {{pythons}} first." >&2
  exit 1
fi
python3 -m venv "$there"
if ! "$there/bin/python" -m pip install --quiet --disable-pip-version-check --no-index --find-links "$here/wheels" "{{wanted}}"; then
  echo "That did not work. This stick has wheels for Python {{pythons}}; here is $(python3 --version)." >&2
  exit 1
fi
echo "Done. Start an exercise with:"
echo
echo "  $there/bin/phased serve --exercise {{exercise}} --host 0.0.0.0"
