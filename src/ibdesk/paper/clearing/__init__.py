"""What becomes of positions in options and futures: exercise, assignment, lapse, and settlement at the end."""

from .clearing import Clearing
from .instructions import TAG, ExerciseRequest

__all__ = ["TAG", "Clearing", "ExerciseRequest"]
