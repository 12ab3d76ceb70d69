"""The methods of `IB`, grouped by domain; a group needs its dispatcher and knows no other group."""
