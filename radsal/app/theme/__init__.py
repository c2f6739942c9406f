"""One table of tokens, and the palette, fonts and stylesheet that are made from it.

Enters: a :class:`~radsal.app.theme.tokens.Tokens` table. Leaves: what Qt needs to look like it.
Why it exists: no colour, size or font is written anywhere else, so that another theme is another
table, and the contrast of every text is tested in one place.
"""

from radsal.app.theme.apply import apply_theme
from radsal.app.theme.fonts import ui_font
from radsal.app.theme.tokens import DARK, HIGH_CONTRAST, LIGHT, THEMES, Tokens

__all__ = ["DARK", "HIGH_CONTRAST", "LIGHT", "THEMES", "Tokens", "apply_theme", "ui_font"]
