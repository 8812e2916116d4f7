"""The phrase a sender tells a recipient by voice where no code can be sent: four words, compared however they are written."""

import hmac
import unicodedata

WORDS = 4  # of a list of 2048: 44 bits, behind the tries and limits of every challenge (R20)
LETTERS_LEAST, LETTERS_MOST = 20, 32  # of four words of five to eight letters
_JOINED = str.maketrans({"œ": "oe", "æ": "ae"})  # as some keyboards write them


def canonical(text: str) -> str:
    """Give what counts of a phrase: its letters and digits, in lower case, without accents, spaces, hyphens or points.

    No word of the list begins another one: two phrases with the same letters are the same phrase.
    """
    spread = unicodedata.normalize("NFKD", text.casefold().translate(_JOINED))
    return "".join(character for character in spread.casefold() if character.isalnum())


def is_one(text: str) -> bool:
    """Tell whether this could be a phrase at all; what could not be one is no try."""
    letters = canonical(text)
    return letters.isascii() and letters.isalpha() and LETTERS_LEAST <= len(letters) <= LETTERS_MOST


def same(given: str, true: str) -> bool:
    """Tell whether somebody gave the true phrase, in the same time wherever they went wrong."""
    return hmac.compare_digest(canonical(given).encode("utf-8", "surrogatepass"), canonical(true).encode())
