"""What a page complains of: errors on its console, exceptions, broken policies, dialogs. None of it may go unseen."""

from __future__ import annotations

import re

from playwright.sync_api import ConsoleMessage, Dialog, Error, Page

# The browser's own console line for a broken policy differs from one directive to another: this one does not.
_TELL_OF_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sourceFile, lineNumber }) =>
  console.error(`policy broken: ${violatedDirective} by ${blockedURI} in ${sourceFile}:${lineNumber}`));
"""


class Complaints:
    """Of all pages that it watches; what a test expects it allows beforehand."""

    def __init__(self) -> None:
        self._found: list[str] = []
        self._allowed: list[re.Pattern[str]] = []

    def watch(self, page: Page) -> None:
        """From the next navigation on."""
        page.add_init_script(_TELL_OF_VIOLATIONS)
        page.on("console", self._heard)
        page.on("pageerror", self._failed)
        page.on("dialog", self._asked)

    def allow(self, *patterns: str) -> None:
        """Expressions that are searched for in the complaints."""
        self._allowed += [re.compile(pattern) for pattern in patterns]

    def left(self) -> list[str]:
        """Those that nobody expected."""
        return [text for text in self._found if not any(pattern.search(text) for pattern in self._allowed)]

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._found.append(f"console {message.type}: {message.text} ({message.location.get('url', '')})")

    def _failed(self, error: Error) -> None:
        self._found.append(f"page error: {error.stack or error.message}")

    def _asked(self, dialog: Dialog) -> None:
        self._found.append(f"dialog: {dialog.message}")
        dialog.dismiss()
