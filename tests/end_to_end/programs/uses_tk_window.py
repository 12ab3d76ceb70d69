"""Presses the button of `examples/tk.py` as a user would."""

import runpy
import sys
import tkinter

example, port = sys.argv[1:]
root = tkinter.Tk()
window = runpy.run_path(example)["Window"](root, int(port))


def press() -> None:
    next(child for child in root.winfo_children() if isinstance(child, tkinter.Button)).invoke()
    print(window.text.get("1.0", tkinter.END))
    root.destroy()


root.after(0, press)
root.mainloop()
window.ib.disconnect()
