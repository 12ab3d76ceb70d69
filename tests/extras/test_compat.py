"""ibdesk under the names of ib_async and ib_insync, and its own modules under theirs."""

import importlib
import inspect
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from oracles import ib_async

import ibdesk
from ibdesk.extras import compat

PROGRAMS = Path(__file__).parents[1] / "end_to_end" / "programs"


def run(code: str, *arguments: str, **options: object) -> "subprocess.CompletedProcess[str]":
    """Runs a program in a process of its own, because the names stay for good."""
    command = [sys.executable, "-c", code, *arguments]
    options = {"env": {**os.environ, "PYTHONASYNCIODEBUG": ""}, **options}  # it tells what took long on this machine
    return subprocess.run(command, capture_output=True, text=True, timeout=60, **options)


def said(code: str) -> list[str]:
    found = run(code)
    assert found.stderr == ""
    assert found.returncode == 0
    return found.stdout.splitlines()


def public_names(part: str) -> set[str]:
    """What a module of ib_async defines, imports aside."""
    module = importlib.import_module(f"{ib_async().__name__}.{part}")
    return {
        name
        for name, value in vars(module).items()
        if getattr(value, "__module__", None) == module.__name__ and not name.startswith("_")
    }


@pytest.mark.parametrize("part", compat.MODULES)
def test_ibdesk_has_each_module_of_ib_async_with_its_public_names(part: str):
    module = importlib.import_module(f"ibdesk.{part}")
    assert getattr(ibdesk, part) is module
    assert public_names(part) <= set(vars(module))
    for name in compat._public(part):
        found = getattr(module, name)
        assert found is getattr(ibdesk, name, found)
        assert not inspect.isclass(found) or found.__module__.startswith("ibdesk.")


def test_no_module_of_ib_async_is_left_out():
    files = {path.stem for path in Path(str(ib_async().__file__)).parent.glob("*.py")} - {"__init__"}
    assert files == set(compat.MODULES)


@pytest.mark.parametrize("part", sorted(set(compat.MODULES) - {"util"}))
def test_a_module_has_the_names_of_ib_async_and_ours_that_belong_to_them(part: str):
    ours = {"FLEX_CODES", "FLEXREPORT_URL", "StartupFetchALL", "StartupFetchNONE"}
    beyond = {name for name in compat._public(part) if not name.endswith("Fields")} - public_names(part)
    assert beyond <= ours


def test_a_module_gives_what_ib_async_has_there_by_the_way():
    from ibdesk import util
    from ibdesk.ib import ScannerSubscription, TagValue  # type: ignore[attr-defined]
    from ibdesk.ib import util as by_the_way  # type: ignore[attr-defined]

    assert (ScannerSubscription, TagValue) == (ibdesk.ScannerSubscription, ibdesk.TagValue)
    assert by_the_way is util


def test_import_of_ibdesk_leaves_out_what_few_programs_need():
    late = {
        "ibdesk.client.dropin.callbacks",
        *(f"ibdesk.{part}" for part in compat.MODULES if part not in ("client", "version")),
    }
    late |= {"ibdesk.extras.flexreport", "ibdesk.extras.ibcontroller", "ibdesk.extras.decoder"}
    assert said(f"import ibdesk, sys; print(sorted({late} & set(sys.modules)))") == ["[]"]


def test_whole_modules_are_the_same_under_each_name():
    from ibdesk import flexreport, util
    from ibdesk.extras import flexreport as own_flexreport
    from ibdesk.extras import util as own_util

    assert util is own_util is sys.modules["ibdesk.util"]
    assert flexreport is own_flexreport
    assert util.__spec__ is not None
    assert util.__spec__.name == "ibdesk.extras.util"


def test_the_client_package_has_the_class_that_programs_import_from_it():
    client = importlib.import_module("ibdesk.client")
    assert isinstance(client, ModuleType)
    assert client.Client is ibdesk.Client


def test_names_that_nobody_knows():
    with pytest.raises(AttributeError, match="module 'ibdesk' has no attribute 'Stok'"):
        _ = ibdesk.Stok  # type: ignore[attr-defined]
    with pytest.raises(ImportError, match=r"cannot import name 'Stok' from 'ibdesk\.contract'"):
        exec("from ibdesk.contract import Stok")
    with pytest.raises(ModuleNotFoundError, match=r"No module named 'ibdesk\.nothing'"):
        importlib.import_module("ibdesk.nothing")


USES = """
import logging, sys, importlib.metadata
from ibdesk import compat
compat.install({name!r})
import ibdesk
import {name} as i, eventkit
import {name}.util, {name}.client
from {name} import *
from {name}.contract import *
from {name}.ib import IB as InModule, Contract as ByTheWay
from {name}.order import Trade as T, LimitOrder
from {name}.objects import EfpData, DynamicObject
from {name}.wrapper import RequestError
from {name}.version import __version__ as version, __version_info__
from eventkit import Event as E, Sequence
from eventkit.event import Event as F
assert IB is InModule is i.IB is i.ib.IB and issubclass(IB, ibdesk.IB)
assert i.util is util is sys.modules[{name!r} + ".util"] and util.run is ibdesk.util.run
assert i.order.Trade is T is i.Trade and issubclass(T, ibdesk.Trade) and LimitOrder is ibdesk.LimitOrder
assert ({name!r} == "ib_async") == (IB is ibdesk.IB) == (util is ibdesk.util) == (T is ibdesk.Trade)
assert ByTheWay is Contract and TagValue is ibdesk.TagValue and E is F is Event is ibdesk.Event
assert i.client.Client is ibdesk.Client
assert i.__version__ == version == importlib.metadata.version({name!r}) == {version!r}
assert importlib.metadata.version({name!r}.replace("_", "-")) == version
assert __version_info__ == i.__version_info__ == tuple(map(int, version.split(".")))
logging.getLogger("{name}.wrapper").setLevel(logging.CRITICAL)
assert logging.getLogger("ibdesk.session").level == logging.CRITICAL
assert logging.getLogger({name!r}) is logging.getLogger("ibdesk")
assert logging.getLogger("{name}.else").parent is logging.getLogger("ibdesk")
assert not hasattr(i, "Stok")
compat.install({name!r})
print("good")
"""


@pytest.mark.parametrize(("name", "version"), compat.STANDS_IN_FOR.items())
def test_programs_use_the_names_in_many_ways(name: str, version: str):
    assert said(USES.format(name=name, version=version)) == ["good"]


def test_it_comes_before_a_package_that_is_installed(tmp_path: Path):
    (tmp_path / "ib_async.py").write_text("raise SystemExit('the installed one')")
    code = "from ibdesk import compat; compat.install(); import ib_async; print(ib_async.IB.__module__)"
    assert run(code, env={**os.environ, "PYTHONPATH": str(tmp_path)}).stdout == "ibdesk.client.ib\n"


def test_it_must_come_before_the_import(tmp_path: Path):
    (tmp_path / "ib_async.py").write_text("")
    code = "import ib_async; from ibdesk import compat; compat.install()"
    assert run(code, env={**os.environ, "PYTHONPATH": str(tmp_path)}).stderr.endswith(
        "ImportError: ib_async is imported already: call ibdesk.compat.install('ib_async') before it\n"
    )


def test_an_eventkit_that_is_imported_already_stays(tmp_path: Path):
    (tmp_path / "eventkit.py").write_text("mine = 1")
    code = "import eventkit; from ibdesk import compat; compat.install(); import eventkit; print(eventkit.mine)"
    assert run(code, env={**os.environ, "PYTHONPATH": str(tmp_path)}).stdout == "1\n"


def test_other_packages_are_not_stood_in_for():
    with pytest.raises(ValueError, match="ibdesk can stand in for ib_async and ib_insync, not for 'ibapi'"):
        compat.install("ibapi")


def test_packages_that_are_not_installed_stay_so():
    code = (
        "from ibdesk import compat; compat.install(); import importlib.metadata as m, importlib.util as u\n"
        "print(u.find_spec('ib_insync'), u.find_spec('ib_async.nothing'))\n"
        "try:\n    m.version('ib_insync')\n"
        "except m.PackageNotFoundError as error:\n    print(error)\n"
        "print(m.distribution('ib_async').read_text('RECORD'))"
    )
    assert said(code) == ["None None", "No package metadata was found for ib_insync", "None"]


THIRD_PARTY = {
    "__init__.py": "from .broker import Broker",
    "broker.py": """
import ib_async as ibi
from eventkit import Event
from ib_async.contract import Contract
from ib_async.objects import BarDataList
from ib_async.util import df, logToConsole


class Broker(ibi.IB):
    filled = Event("filled")

    def __init__(self, port: int):
        super().__init__()
        self.connect("127.0.0.1", port, clientId=9)

    def buy(self, contract: Contract, quantity: float) -> ibi.Trade:
        self.qualifyContracts(contract)
        trade = self.placeOrder(contract, ibi.MarketOrder("BUY", quantity))
        trade.filledEvent += self.filled.emit
        while not trade.isDone():
            self.waitOnUpdate(5)
        return trade
""",
}

PROGRAM = """
import sys
from ib_async import Stock
from their_broker import Broker

with Broker(int(sys.argv[1])) as broker:
    done = []
    broker.filled += done.append
    trade = broker.buy(Stock("AAPL", "SMART", "USD"), 10)
    assert done == [trade]
    print(type(trade).__module__, trade.orderStatus.status, broker.client.serverVersion())
"""


@pytest.mark.slow
async def test_a_program_and_the_package_that_it_imports_trade_unmodified(tmp_path: Path):
    for name, text in THIRD_PARTY.items():
        (tmp_path / "their_broker").mkdir(exist_ok=True)
        (tmp_path / "their_broker" / name).write_text(text)
    (tmp_path / "program.py").write_text(PROGRAM)
    assert await traded(tmp_path / "program.py") == ["ibdesk.client.state.trade Filled 225"]


@pytest.mark.slow
async def test_a_program_that_was_written_for_ib_async_trades_unmodified():
    """The one that `end_to_end/test_third_parties.py` runs on ib_async itself."""
    *_, last = await traded(PROGRAMS / "ib_async_trades.py")
    result = json.loads(last)
    assert result["serverVersion"] == 225
    assert result["filled"][0] == "Filled"
    assert result["cancelled"] == "Cancelled"
    assert result["positions"] == [["AAPL", 100]]


async def traded(program: Path) -> list[str]:
    """What a program prints that is run on ibdesk, with the port of a paper gateway as its argument."""
    import asyncio

    from ibdesk.paper import PaperGateway

    async with PaperGateway(port=0, seed=3, start_time="2026-11-20T10:30:00-05:00") as gateway:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "ibdesk", "run", "--as", "ib_async", str(program), str(gateway.port)),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(90):
            out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return out.decode().splitlines()


def test_names_that_are_imported_late_can_be_completed() -> None:
    assert set(ibdesk.__all__) <= set(dir(ibdesk))
