"""The names of `ib_async.order`, for programs that import them from this module."""

from ibdesk.client.state.trade import Trade as Trade
from ibdesk.extras.compat import complete as _complete
from ibdesk.model.conditions import ExecutionCondition as ExecutionCondition
from ibdesk.model.conditions import MarginCondition as MarginCondition
from ibdesk.model.conditions import OrderCondition as OrderCondition
from ibdesk.model.conditions import PercentChangeCondition as PercentChangeCondition
from ibdesk.model.conditions import PriceCondition as PriceCondition
from ibdesk.model.conditions import TimeCondition as TimeCondition
from ibdesk.model.conditions import VolumeCondition as VolumeCondition
from ibdesk.model.keywords import BracketFields as BracketFields
from ibdesk.model.keywords import LimitFields as LimitFields
from ibdesk.model.keywords import MarketFields as MarketFields
from ibdesk.model.keywords import OrderFields as OrderFields
from ibdesk.model.keywords import StopFields as StopFields
from ibdesk.model.keywords import StopLimitFields as StopLimitFields
from ibdesk.model.order import BracketOrder as BracketOrder
from ibdesk.model.order import LimitOrder as LimitOrder
from ibdesk.model.order import MarketOrder as MarketOrder
from ibdesk.model.order import Order as Order
from ibdesk.model.order import OrderComboLeg as OrderComboLeg
from ibdesk.model.order import OrderState as OrderState
from ibdesk.model.order import OrderStateNumeric as OrderStateNumeric
from ibdesk.model.order import OrderStatus as OrderStatus
from ibdesk.model.order import StopLimitOrder as StopLimitOrder
from ibdesk.model.order import StopOrder as StopOrder

_complete(__name__)
