"""The methods of `IB`, grouped by domain; a group needs its session and knows no other group."""
