#!/usr/bin/env bash
# PyYAML 6 reads by YAML 1.1, in which 23:45 is a number to the base of 60: safe_load makes 1425 of it, and 57570 of
# 15:59:30, without a word. With a leading zero it stays a text, so a schedule that is written as one does (open: 09:30,
# close: 16:00) has a text for the open and the number 960 for the close: minutes, and seconds where it had seconds. YAML 1.2,
# of 2009, has texts for all of them. ibdesk, whose files of faults have times of the day, gives PyYAML rules of its own.
#
#     bash findings/clock_times_in_pyyaml.sh
#
# Installs pinned packages in a temporary folder. Ends with 0 when it is still so, and 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check PyYAML==6.0.4
cat > "$folder/check.py" <<'PYTHON'
import sys
from importlib.metadata import version

import yaml

TEXT = "open: 09:30\nclose: 16:00\nreset: 23:45\nlast: 15:59:30\n"

print(f"PyYAML {version('PyYAML')}", sys.version.split()[0])
print(TEXT)
read = yaml.safe_load(TEXT)
print(read)
if read == {"open": "09:30", "close": 960, "reset": 1425, "last": 57570}:
    print("as seen before: times of the day become numbers, but for those before ten")
else:
    sys.exit("it has changed")
PYTHON
"$folder/venv/bin/python" "$folder/check.py"
