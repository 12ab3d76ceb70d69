#!/usr/bin/env bash
# In a Jupyter kernel, what a listener of aeventkit's Event prints does not belong to the cell that connected it, but to
# the one that started whatever emits; so ib_async's programs see their output under the cell that connected to TWS.
# ipykernel 7 tells by context variables which cell a print belongs to, and Event.emit calls listeners in the emitter's.
#
#     bash findings/listener_output_in_notebooks.sh
#
# Installs pinned packages in a temporary folder. Ends with 0 when it is still so, and 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    aeventkit==2.1.0 ipykernel==7.4.0 jupyter_client==8.10.0
cat > "$folder/check.py" <<'PYTHON'
import sys
from importlib.metadata import version

from jupyter_client.manager import start_new_kernel

CELLS = {
    "emits": """
import asyncio
from eventkit import Event

event = Event("tick")

async def emit_every_moment():
    while True:
        event.emit(1)
        await asyncio.sleep(0.02)

task = asyncio.create_task(emit_every_moment())
""",
    "connects": """
count = 0

def listener(value):
    global count
    count += 1
    print("from the listener")

event += listener
""",
    "waits": """
while count < 3:
    await asyncio.sleep(0.02)
event -= listener
""",
}

print(", ".join(f"{name} {version(name)}" for name in ("aeventkit", "ipykernel", "jupyter_client")), sys.version.split()[0])
manager, client = start_new_kernel(kernel_name="python3")
names, shown = {}, {}
try:
    for name, code in CELLS.items():
        asked = client.execute(code)
        names[asked] = name
        while True:
            message = client.get_iopub_msg(timeout=60)
            parent = message["parent_header"].get("msg_id")
            if message["msg_type"] == "error":
                sys.exit("\n".join(message["content"]["traceback"]))
            if message["msg_type"] == "stream":
                shown[names[parent]] = shown.get(names[parent], "") + message["content"]["text"]
            elif parent == asked and message["content"].get("execution_state") == "idle":
                break
finally:
    client.stop_channels()
    manager.shutdown_kernel(now=True)
for name in CELLS:
    print(f"the cell that {name} shows {shown.get(name, '').count('from the listener')} lines of the listener")
still = "from the listener" in shown.get("emits", "") and "from the listener" not in shown.get("connects", "")
print("as found" if still else "CHANGED: the output belongs elsewhere now")
sys.exit(not still)
PYTHON
"$folder/venv/bin/python" "$folder/check.py" 2> "$folder/log" || { cat "$folder/log"; exit 1; }
