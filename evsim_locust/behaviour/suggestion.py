"""The end of a refusal: what was probably meant, and what there is."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def suggestion(word: str, known: Iterable[str], noun: str) -> str:
    """`did you mean busy? (the profiles are busy, default)`."""
    names = sorted(known)
    close = get_close_matches(word, names, n=1)
    listed = f"the {noun} are {', '.join(names)}" if names else f"there are no {noun}"
    return f"did you mean {close[0]}? ({listed})" if close else listed
