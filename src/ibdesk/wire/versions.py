"""Every server version that changes what is on the wire, by name, with its reason; no other file names the numbers.

Names and numbers are IBKR's (`server_versions.py` of the official Python client 10.46.1). A version is agreed once
for a connection, in the handshake: the highest that both ends speak. The documentation shows each name with its
reason, as they stand here.
"""

MIN = 157
"""The oldest version that ibdesk speaks; what was added up to it is always there."""

DURATION = 158  # order.duration
MARKET_DATA_IN_SHARES = 159  # sizes of US stocks are shares, no longer round lots
POST_TO_ATS = 160  # order.postToAts
WSHE_CALENDAR = 161  # events of companies from Wall Street Horizon
AUTO_CANCEL_PARENT = 162  # order.autoCancelParent
FRACTIONAL_SIZE_SUPPORT = 163  # sizes are decimals; contractDetails has sizeMinTick until SIZE_RULES
SIZE_RULES = 164  # contractDetails: minSize and increments replace mdSizeMultiplier; the version field goes
HISTORICAL_SCHEDULE = 165  # trading hours of the past as historical data
ADVANCED_ORDER_REJECT = 166  # error and placeOrder carry the advanced reject
USER_INFO = 167  # whose login it is
CRYPTO_AGGREGATED_TRADES = 168  # trades of cryptocurrencies are aggregated: whatToShow AGGTRADES
MANUAL_ORDER_TIME = 169  # placeOrder and cancelOrder carry the time a person gave
PEGBEST_PEGMID_OFFSETS = 170  # order.minTradeQty ... midOffsetAtHalf
WSH_EVENT_DATA_FILTERS = 171  # events of companies are filtered by the server
IPO_PRICES = 172  # ticks of the price before a first listing
WSH_EVENT_DATA_FILTERS_DATE = 173  # events of companies: dates and a limit
INSTRUMENT_TIMEZONE = 174  # times carry the zone of the instrument
HMDS_MARKET_DATA_IN_SHARES = 175  # historical sizes of US stocks are shares as well
BOND_ISSUERID = 176  # contract.issuerId in requests
FA_PROFILE_DESUPPORT = 177  # order.faProfile goes
PENDING_PRICE_REVISION = 178  # execution.pendingPriceRevision
FUND_DATA_FIELDS = 179  # contractDetails of a fund
MANUAL_ORDER_TIME_EXERCISE_OPTIONS = 180  # exerciseOptions carries the time a person gave
OPEN_ORDER_AD_STRATEGY = 181  # accumulate/distribute strategies in openOrder; no published client reads a field of it
LAST_TRADE_DATE = 182  # contractDetails: contract.lastTradeDate
CUSTOMER_ACCOUNT = 183  # order.customerAccount
PROFESSIONAL_CUSTOMER = 184  # order.professionalCustomer
BOND_ACCRUED_INTEREST = 185  # order.bondAccruedInterest
INELIGIBILITY_REASONS = 186  # contractDetails: why it may not be traded
RFQ_FIELDS = 187  # two fields for requests for quotes, soon withdrawn
BOND_TRADING_HOURS = 188  # contract details of bonds have trading hours
INCLUDE_OVERNIGHT = 189  # order.includeOvernight
UNDO_RFQ_FIELDS = 190  # the two fields go again
PERM_ID_AS_LONG = 191  # permId may exceed 32 bits
CME_TAGGING_FIELDS = 192  # manualOrderIndicator; cancels carry extOperator
CME_TAGGING_FIELDS_IN_OPEN_ORDER = 193  # the same in openOrder
ERROR_TIME = 194  # error has a time and no version
FULL_ORDER_PREVIEW_FIELDS = 195  # orderState of a what-if outside regular hours, allocations
HISTORICAL_DATA_END = 196  # the end of historical data is a message of its own
CURRENT_TIME_IN_MILLIS = 197  # the clock in milliseconds
SUBMITTER = 198  # who sent the order
IMBALANCE_ONLY = 199  # order.imbalanceOnly
PARAMETRIZED_DAYS_OF_EXECUTIONS = 200  # the execution filter asks for days
PROTOBUF = 201  # message ids are four bytes; executions may be protobuf
ZERO_STRIKE = 202  # a strike of zero is a strike; none is an empty field
PROTOBUF_PLACE_ORDER = 203  # protobuf: place and cancel orders, their status, errors
PROTOBUF_COMPLETED_ORDER = 204  # protobuf: open and completed orders
PROTOBUF_CONTRACT_DATA = 205  # protobuf: contract details
PROTOBUF_MARKET_DATA = 206  # protobuf: quotes and market depth
PROTOBUF_ACCOUNTS_POSITIONS = 207  # protobuf: accounts and positions
PROTOBUF_HISTORICAL_DATA = 208  # protobuf: bars and ticks, historical and live
PROTOBUF_NEWS_DATA = 209  # protobuf: news, events of companies
PROTOBUF_SCAN_DATA = 210  # protobuf: scanners, fundamentals, profit and loss
PROTOBUF_REST_MESSAGES_1 = 211  # protobuf: advisors, exercise of options, calculations
PROTOBUF_REST_MESSAGES_2 = 212  # protobuf: reference data, user info
PROTOBUF_REST_MESSAGES_3 = 213  # protobuf: all the rest, from startApi to display groups
ADD_Z_SUFFIX_TO_UTC_DATE_TIME = 214  # times in UTC end with Z
CANCEL_CONTRACT_DATA = 215  # requests for contract details and historical ticks can be cancelled
ADDITIONAL_ORDER_PARAMS_1 = 216  # order.deactivate, postOnly, allowPreOpen, ignoreOpenAuction
ADDITIONAL_ORDER_PARAMS_2 = 217  # order.routeMarketableToBbo, seekPriceImprovement, whatIfType
ATTACHED_ORDERS = 218  # placeOrder with preset stop loss and profit taker
CONFIG = 219  # the settings of TWS can be read
MARKET_DATA_VOLUMES_IN_SHARES = 220  # volumes of US stocks are shares, no longer round lots
UPDATE_CONFIG = 221  # the settings of TWS can be changed
FRACTIONAL_LAST_SIZE = 222  # the size of a last trade may be a fraction
HEDGE_MAX_SIZE = 223  # order.hedgeMaxSize
USE_PRECISION_FROM_SEC_DEF = 224  # tickReqParams and contractDetails have precisions
ODD_LOT_BID_ASK_QUOTES = 225  # ticks of quotes below a round lot

MAX = ODD_LOT_BID_ASK_QUOTES
"""The newest version that ibdesk speaks."""
