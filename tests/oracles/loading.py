"""How the files under `.oracles/` become modules of this process; knows nothing of what the modules do."""

import importlib
import logging
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from unittest import mock

from fetch_oracles import oracle_path


def load_ib_async() -> ModuleType:
    """Import ib_async with the eventkit and nest_asyncio beside it, which never shadow an installed package."""
    folder = oracle_path("ib_async", "2.1.0")
    sys.path.append(str(folder))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            package = importlib.import_module("ib_async")
            importlib.import_module("nest_asyncio")  # ib_async imports it only when it patches a loop
    finally:
        sys.path.remove(str(folder))
    return package


def load_ibapi(version: str) -> dict[str, ModuleType]:
    """Import every module of one version of ibapi, and leave none of them behind in `sys.modules`.

    Returns them by name below the package: `client`, `decoder`, `protobuf.Order_pb2` ... No module of ibapi
    imports another one later than at its own import, so each version keeps to its own set.
    """
    folder = oracle_path("nautilus-ibapi", version)
    with _alone("ibapi"), _own_descriptor_pool(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sys.path.insert(0, str(folder))
        try:
            # By file, because in 10.37.2 the folder of the protobuf modules is no regular package.
            files = [file for file in sorted((folder / "ibapi").rglob("*.py")) if file.name != "__init__.py"]
            names = [".".join(file.relative_to(folder).with_suffix("").parts) for file in files]
            modules = {name.removeprefix("ibapi."): importlib.import_module(name) for name in names}
        finally:
            sys.path.remove(str(folder))
    logging.getLogger("ibapi").setLevel(logging.CRITICAL)
    return modules


@contextmanager
def _alone(package: str) -> Iterator[None]:
    """Hide the modules of `package` while inside, and drop those that were imported inside."""

    def take() -> dict[str, ModuleType]:
        names = [name for name in sys.modules if name == package or name.startswith(f"{package}.")]
        return {name: sys.modules.pop(name) for name in names}

    hidden = take()
    try:
        yield
    finally:
        take()
        sys.modules.update(hidden)


@contextmanager
def _own_descriptor_pool() -> Iterator[None]:
    """Give generated protobuf modules that are imported inside a descriptor pool of their own.

    Two versions of ibapi register different files of the same name, which one pool refuses.
    """
    descriptor_pool = importlib.import_module("google.protobuf.descriptor_pool")
    # It takes its pool at its import, and must not take the one made here.
    importlib.import_module("google.protobuf.symbol_database")
    pool = descriptor_pool.DescriptorPool()
    with mock.patch.object(descriptor_pool, "Default", lambda: pool):
        yield
