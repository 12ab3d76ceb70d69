"""Where the messages of a domain go, for each domain: routes are merged in the session and know no other domain."""
