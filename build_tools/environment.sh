#!/usr/bin/env bash
# .venv with exactly what requirements/all.lock names, and this project as an editable install.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}

lacks() { printf '\nvisiohub: %s\n  remedy: %s\n\n' "$1" "$2" >&2; exit 3; }

command -v "$python" >/dev/null || lacks "Python is not installed." "apt-get install python3 python3-venv"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
  lacks "$("$python" --version) is too old: 3.11 or later is needed." "make run PYTHON=python3.11"
"$python" -c 'import ensurepip, venv' 2>/dev/null ||
  lacks "Python cannot make environments here." "apt-get install python3-venv"

[ -x .venv/bin/python ] || "$python" -m venv .venv
echo "visiohub: installing what requirements/all.lock names (the first time takes a minute)"
.venv/bin/python -m pip install --quiet --require-hashes -r requirements/all.lock
.venv/bin/python -m pip install --quiet --no-deps --editable .
touch .venv/.sealed
