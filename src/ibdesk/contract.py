"""The names of `ib_async.contract`, for programs that import them from this module."""

from ibdesk.extras.compat import complete as _complete
from ibdesk.model.contract import CFD as CFD
from ibdesk.model.contract import Bag as Bag
from ibdesk.model.contract import Bond as Bond
from ibdesk.model.contract import ComboLeg as ComboLeg
from ibdesk.model.contract import Commodity as Commodity
from ibdesk.model.contract import ContFuture as ContFuture
from ibdesk.model.contract import Contract as Contract
from ibdesk.model.contract import Crypto as Crypto
from ibdesk.model.contract import DeltaNeutralContract as DeltaNeutralContract
from ibdesk.model.contract import Forex as Forex
from ibdesk.model.contract import Future as Future
from ibdesk.model.contract import FuturesOption as FuturesOption
from ibdesk.model.contract import Index as Index
from ibdesk.model.contract import MutualFund as MutualFund
from ibdesk.model.contract import Option as Option
from ibdesk.model.contract import Stock as Stock
from ibdesk.model.contract import TagValue as TagValue
from ibdesk.model.contract import Warrant as Warrant
from ibdesk.model.contract_details import ContractDescription as ContractDescription
from ibdesk.model.contract_details import ContractDetails as ContractDetails
from ibdesk.model.contract_details import ScanData as ScanData
from ibdesk.model.contract_details import TradingSession as TradingSession
from ibdesk.model.keywords import ContFutureFields as ContFutureFields
from ibdesk.model.keywords import ContractFields as ContractFields
from ibdesk.model.keywords import FutureFields as FutureFields
from ibdesk.model.keywords import OptionFields as OptionFields
from ibdesk.model.keywords import StockFields as StockFields

_complete(__name__)
