"""Every server version that changes what is on the wire, by name, with its reason; no other file names the numbers.

Names and numbers are IBKR's (`server_versions.py` of the official Python client 10.46.1). A version is agreed once
for a connection, in the handshake: the highest that both ends speak.
"""

MIN = 157
"""The oldest version that ibdesk speaks; what was added up to it is always there."""

DURATION = 158  # order.duration
POST_TO_ATS = 160  # order.postToAts
AUTO_CANCEL_PARENT = 162  # order.autoCancelParent
FRACTIONAL_SIZE_SUPPORT = 163  # sizes are decimals; contractDetails has sizeMinTick until SIZE_RULES
SIZE_RULES = 164  # contractDetails: minSize and increments replace mdSizeMultiplier; the version field goes
ADVANCED_ORDER_REJECT = 166  # error and placeOrder carry the advanced reject
MANUAL_ORDER_TIME = 169  # placeOrder and cancelOrder carry the time a person gave
PEGBEST_PEGMID_OFFSETS = 170  # order.minTradeQty ... midOffsetAtHalf
INSTRUMENT_TIMEZONE = 174  # times carry the zone of the instrument
BOND_ISSUERID = 176  # contract.issuerId in requests
FA_PROFILE_DESUPPORT = 177  # order.faProfile goes
PENDING_PRICE_REVISION = 178  # execution.pendingPriceRevision
FUND_DATA_FIELDS = 179  # contractDetails of a fund
LAST_TRADE_DATE = 182  # contractDetails: contract.lastTradeDate
CUSTOMER_ACCOUNT = 183  # order.customerAccount
PROFESSIONAL_CUSTOMER = 184  # order.professionalCustomer
BOND_ACCRUED_INTEREST = 185  # order.bondAccruedInterest
INELIGIBILITY_REASONS = 186  # contractDetails: why it may not be traded
RFQ_FIELDS = 187  # two fields for requests for quotes, soon withdrawn
INCLUDE_OVERNIGHT = 189  # order.includeOvernight
UNDO_RFQ_FIELDS = 190  # the two fields go again
PERM_ID_AS_LONG = 191  # permId may exceed 32 bits
CME_TAGGING_FIELDS = 192  # manualOrderIndicator; cancels carry extOperator
CME_TAGGING_FIELDS_IN_OPEN_ORDER = 193  # the same in openOrder
ERROR_TIME = 194  # error has a time and no version
FULL_ORDER_PREVIEW_FIELDS = 195  # orderState of a what-if outside regular hours, allocations
HISTORICAL_DATA_END = 196  # the end of historical data is a message of its own
CURRENT_TIME_IN_MILLIS = 197
SUBMITTER = 198  # who sent the order
IMBALANCE_ONLY = 199  # order.imbalanceOnly
PARAMETRIZED_DAYS_OF_EXECUTIONS = 200  # the execution filter asks for days
PROTOBUF = 201  # message ids are four bytes; executions may be protobuf
ZERO_STRIKE = 202  # a strike of zero is a strike; none is an empty field
PROTOBUF_PLACE_ORDER = 203  # place and cancel orders, their status, errors
PROTOBUF_COMPLETED_ORDER = 204  # open and completed orders
PROTOBUF_CONTRACT_DATA = 205
PROTOBUF_MARKET_DATA = 206
PROTOBUF_ACCOUNTS_POSITIONS = 207
PROTOBUF_HISTORICAL_DATA = 208
PROTOBUF_REST_MESSAGES_3 = 213  # startApi, ids, current time
ADD_Z_SUFFIX_TO_UTC_DATE_TIME = 214
ADDITIONAL_ORDER_PARAMS_1 = 216  # order.deactivate, postOnly, allowPreOpen, ignoreOpenAuction
ADDITIONAL_ORDER_PARAMS_2 = 217  # order.routeMarketableToBbo, seekPriceImprovement, whatIfType
ATTACHED_ORDERS = 218  # placeOrder with preset stop loss and profit taker
FRACTIONAL_LAST_SIZE = 222
HEDGE_MAX_SIZE = 223  # order.hedgeMaxSize
USE_PRECISION_FROM_SEC_DEF = 224  # tickReqParams and contractDetails have precisions
ODD_LOT_BID_ASK_QUOTES = 225

MAX = ODD_LOT_BID_ASK_QUOTES
"""The newest version that ibdesk speaks."""
