"""A Tk window that looks up a contract.

Run `ibdesk paper` in another terminal first, or a TWS that listens on port 7497. Another port: tk.py 4002
"""

import sys
import tkinter as tk

from ibdesk import IB, Stock


class Window:
    """A field for a symbol, a button to look it up, and what was found.

    The `IB` has a thread of its own, so that Tk can keep the main thread to itself and calls may wait in it.
    """

    def __init__(self, root: tk.Tk, port: int) -> None:
        self.ib = IB(thread=True).connect(port=port, clientId=5)
        self.symbol = tk.StringVar(root, "TSLA")
        tk.Entry(root, textvariable=self.symbol, width=50).grid()
        tk.Button(root, text="Look up", command=self.look_up).grid()
        self.text = tk.Text(root)
        self.text.grid()

    def look_up(self) -> None:
        found = self.ib.reqContractDetails(Stock(self.symbol.get(), "SMART", "USD"))
        self.text.delete("1.0", tk.END)
        for details in found:
            for name, value in vars(details).items():
                self.text.insert(tk.END, f"{name}: {value}\n")


if __name__ == "__main__":
    root = tk.Tk()
    window = Window(root, int(sys.argv[1]) if len(sys.argv) > 1 else 7497)
    root.mainloop()
    window.ib.disconnect()
