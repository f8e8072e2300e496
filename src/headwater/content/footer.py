"""The footer that the law asks of marketing email: who sent it, why, the postal address, and the way out.

`{% footer %}` (or `<mj-include path="footer"/>`) stands for it, anywhere in a document.
"""

from __future__ import annotations

import re

TAG = re.compile(r"\{%-?\s*footer\s*-?%\}")
INCLUDE = re.compile(r"<mj-include\s+path=(['\"])footer(?:\.mjml)?\1\s*(?:/>|>\s*</mj-include>)")

_WORDS = (
    "You get this email because you asked {{ organization.name }} for news. "
    '<a href="{{ unsubscribe_link }}" style="color:#6b6b6b;text-decoration:underline;">Unsubscribe</a> | '
    '<a href="{{ preferences_link }}" style="color:#6b6b6b;text-decoration:underline;">Preferences</a> | '
    '<a href="{{ web_view_link }}" style="color:#6b6b6b;text-decoration:underline;">View in browser</a><br />'
    "{{ organization.name }}, {{ organization.full_address }}"
)
_STYLE = 'font-size="12px" line-height="18px" color="#6b6b6b" align="center"'
MJ_TEXT = f"<mj-text {_STYLE}>{_WORDS}</mj-text>"
MJ_COLUMN = f"<mj-column>{MJ_TEXT}</mj-column>"
MJ_SECTION = f"<mj-section>{MJ_COLUMN}</mj-section>"
HTML = f'<div style="font-size:12px;line-height:18px;color:#6b6b6b;text-align:center;">{_WORDS}</div>'
TEXT = (
    "You get this email because you asked {{ organization.name }} for news.\n"
    "Unsubscribe: {{ unsubscribe_link }}\n"
    "Preferences: {{ preferences_link }}\n"
    "{{ organization.name }}, {{ organization.full_address }}"
)
FOR_PARENT = {
    "mj-body": MJ_SECTION,
    "mj-wrapper": MJ_SECTION,
    "mj-section": MJ_COLUMN,
    "mj-group": MJ_COLUMN,
    "mj-column": MJ_TEXT,
    "mj-hero": MJ_TEXT,
}
