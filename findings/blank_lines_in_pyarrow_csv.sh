#!/usr/bin/env bash
# With ignore_empty_lines=False, pyarrow's CSV reader makes a blank line within a file of several columns a row of nulls.
# It does not count as a line with the wrong number of columns, so neither an error nor invalid_row_handler tells of it,
# although a line with too few separators raises one. Who keeps blank lines in order to number rows as the file does,
# as ibdesk does to name the line of a fault, has to tell them from rows whose cells are all empty by other means.
#
#     bash findings/blank_lines_in_pyarrow_csv.sh
#
# Installs pinned packages in a temporary folder. Ends with 0 when it is still so, and 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pyarrow==26.0.1
cat > "$folder/check.py" <<'PYTHON'
import io
import sys
from importlib.metadata import version

from pyarrow import csv

print(f"pyarrow {version('pyarrow')}", sys.version.split()[0])


def read(text):
    refused = []

    def handler(row):
        refused.append(row.text)
        return "skip"

    options = csv.ParseOptions(ignore_empty_lines=False, invalid_row_handler=handler)
    return csv.read_csv(io.BytesIO(text.encode()), parse_options=options).to_pydict(), refused


blank = read("open,close\n1,2\n\n3,4\n")
short = read("open,close\n1,2\n5\n3,4\n")
print("a blank line:                 ", *blank)
print("a line with one value of two: ", *short)
if blank == ({"open": [1, None, 3], "close": [2, None, 4]}, []) and short == ({"open": [1, 3], "close": [2, 4]}, ["5"]):
    print("as seen before: the blank line is a row of nulls, and the short line is handled")
else:
    sys.exit("it has changed")
PYTHON
"$folder/venv/bin/python" "$folder/check.py"
