"""The methods of `IB`, in groups by domain. Each group is a class from which `IB` inherits."""
