"""Every server version that changes what is on the wire, under its name. No other module contains their numbers.

Names and numbers are IBKR's (`server_versions.py` of the official Python client 10.46.1). Client and server agree on
one version in the handshake: the highest that both speak. The documentation shows each name with its comment.
"""

MIN = 157
"""The oldest version that ibdesk speaks. Everything added up to it is always there."""

DURATION = 158  # order.duration
MARKET_DATA_IN_SHARES = 159  # sizes of US stocks are shares, no longer round lots
POST_TO_ATS = 160  # order.postToAts
WSHE_CALENDAR = 161  # company events from Wall Street Horizon
AUTO_CANCEL_PARENT = 162  # order.autoCancelParent
FRACTIONAL_SIZE_SUPPORT = 163  # sizes are decimals; contractDetails has sizeMinTick until SIZE_RULES
SIZE_RULES = 164  # contractDetails: minSize and increments replace mdSizeMultiplier; the version field is dropped
HISTORICAL_SCHEDULE = 165  # past trading sessions as historical data
ADVANCED_ORDER_REJECT = 166  # error and placeOrder have fields for the advanced reject
USER_INFO = 167  # information about the user who is logged in
CRYPTO_AGGREGATED_TRADES = 168  # trades of cryptocurrencies are aggregated: whatToShow AGGTRADES
MANUAL_ORDER_TIME = 169  # placeOrder and cancelOrder have the time at which a person gave the order
PEGBEST_PEGMID_OFFSETS = 170  # order.minTradeQty ... midOffsetAtHalf
WSH_EVENT_DATA_FILTERS = 171  # requests for company events have filters
IPO_PRICES = 172  # ticks of the price before a first listing
WSH_EVENT_DATA_FILTERS_DATE = 173  # requests for company events have dates and a limit
INSTRUMENT_TIMEZONE = 174  # times have the time zone of the instrument
HMDS_MARKET_DATA_IN_SHARES = 175  # historical sizes of US stocks are shares as well
BOND_ISSUERID = 176  # contract.issuerId in requests
FA_PROFILE_DESUPPORT = 177  # order.faProfile is dropped
PENDING_PRICE_REVISION = 178  # execution.pendingPriceRevision
FUND_DATA_FIELDS = 179  # contractDetails of a fund
MANUAL_ORDER_TIME_EXERCISE_OPTIONS = 180  # exerciseOptions has the time at which a person gave the order
OPEN_ORDER_AD_STRATEGY = 181  # accumulate/distribute strategies in openOrder; no published client reads a field for it
LAST_TRADE_DATE = 182  # contractDetails: contract.lastTradeDate
CUSTOMER_ACCOUNT = 183  # order.customerAccount
PROFESSIONAL_CUSTOMER = 184  # order.professionalCustomer
BOND_ACCRUED_INTEREST = 185  # order.bondAccruedInterest
INELIGIBILITY_REASONS = 186  # contractDetails: why the account may not trade the contract
RFQ_FIELDS = 187  # two fields for requests for quotes, withdrawn in 190
BOND_TRADING_HOURS = 188  # contract details of bonds have trading hours
INCLUDE_OVERNIGHT = 189  # order.includeOvernight
UNDO_RFQ_FIELDS = 190  # the two fields of 187 are dropped
PERM_ID_AS_LONG = 191  # permId may exceed 32 bits
CME_TAGGING_FIELDS = 192  # manualOrderIndicator; cancellations have extOperator
CME_TAGGING_FIELDS_IN_OPEN_ORDER = 193  # the same in openOrder
ERROR_TIME = 194  # error has a time, and no version field any more
FULL_ORDER_PREVIEW_FIELDS = 195  # orderState of a what-if order: margin outside regular hours, allocations
HISTORICAL_DATA_END = 196  # the end of historical data is a message of its own
CURRENT_TIME_IN_MILLIS = 197  # the server's clock in milliseconds
SUBMITTER = 198  # order.submitter: who sent the order
IMBALANCE_ONLY = 199  # order.imbalanceOnly
PARAMETRIZED_DAYS_OF_EXECUTIONS = 200  # the execution filter can name days
PROTOBUF = 201  # message ids are four bytes; protobuf: executions
ZERO_STRIKE = 202  # a strike of zero is a strike; no strike is an empty field
PROTOBUF_PLACE_ORDER = 203  # protobuf: placing and cancelling orders, order status, errors
PROTOBUF_COMPLETED_ORDER = 204  # protobuf: open and completed orders
PROTOBUF_CONTRACT_DATA = 205  # protobuf: contract details
PROTOBUF_MARKET_DATA = 206  # protobuf: quotes and market depth
PROTOBUF_ACCOUNTS_POSITIONS = 207  # protobuf: accounts and positions
PROTOBUF_HISTORICAL_DATA = 208  # protobuf: bars and ticks, historical and live
PROTOBUF_NEWS_DATA = 209  # protobuf: news, company events
PROTOBUF_SCAN_DATA = 210  # protobuf: scanners, fundamentals, profit and loss
PROTOBUF_REST_MESSAGES_1 = 211  # protobuf: advisors, exercise of options, option calculations
PROTOBUF_REST_MESSAGES_2 = 212  # protobuf: reference data, user info
PROTOBUF_REST_MESSAGES_3 = 213  # protobuf: everything else, from startApi to display groups
ADD_Z_SUFFIX_TO_UTC_DATE_TIME = 214  # times in UTC end with Z
CANCEL_CONTRACT_DATA = 215  # requests for contract details and historical ticks can be cancelled
ADDITIONAL_ORDER_PARAMS_1 = 216  # order.deactivate, postOnly, allowPreOpen, ignoreOpenAuction
ADDITIONAL_ORDER_PARAMS_2 = 217  # order.routeMarketableToBbo, seekPriceImprovement, whatIfType
ATTACHED_ORDERS = 218  # placeOrder can attach the preset stop loss and profit taker
CONFIG = 219  # the settings of TWS can be read
MARKET_DATA_VOLUMES_IN_SHARES = 220  # volumes of US stocks are shares, no longer round lots
UPDATE_CONFIG = 221  # the settings of TWS can be changed
FRACTIONAL_LAST_SIZE = 222  # the size of a last trade may be a fraction
HEDGE_MAX_SIZE = 223  # order.hedgeMaxSize
USE_PRECISION_FROM_SEC_DEF = 224  # tickReqParams and contractDetails have precisions
ODD_LOT_BID_ASK_QUOTES = 225  # ticks of bids and asks below a round lot

MAX = ODD_LOT_BID_ASK_QUOTES
"""The newest version that ibdesk speaks."""
