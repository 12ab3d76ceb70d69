#!/usr/bin/env bash
# time-machine replaces the clocks of the modules time and datetime, and leaves two functions of time that tell the
# present as text: time.ctime() and time.asctime() without an argument go on in real time, although the documentation of
# Python defines them as ctime(time()) and asctime(localtime()). A log that is written with both tells two different days.
# So ibdesk's simulations replace these two themselves.
#
#     bash findings/text_clocks_in_travelled_time.sh
#
# Installs pinned packages in a temporary folder. Ends with 0 when it is still so, and 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check time-machine==3.6.0
cat > "$folder/check.py" <<'PYTHON'
import sys
import time
from importlib.metadata import version

import time_machine

print(f"time-machine {version('time-machine')}", sys.version.split()[0])
with time_machine.travel(1_041_426_000.0, tick=False):  # the first of January 2003
    told = {
        "time.asctime(time.localtime())": time.asctime(time.localtime()),
        "time.asctime()": time.asctime(),
        "time.ctime(time.time())": time.ctime(time.time()),
        "time.ctime()": time.ctime(),
    }
for call, text in told.items():
    print(f"{call:32} {text}")
travelled = [text.endswith("2003") for text in told.values()]
if travelled == [True, False, True, False]:
    print("as seen before: ctime() and asctime() tell real time")
else:
    sys.exit("it has changed")
PYTHON
"$folder/venv/bin/python" "$folder/check.py"
