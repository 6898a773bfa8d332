"""Apps that can be installed on devices: ``/apps``. A small library that nothing changes."""

from __future__ import annotations

from dataclasses import dataclass

from xgodo_dev.emulator.emulator import Emulator
from xgodo_dev.emulator.mobilerun.paging import listed
from xgodo_dev.emulator.paging import Page
from xgodo_dev.emulator.refusals import ErrorShape
from xgodo_dev.emulator.services.endpoint import Call, Document, mobilerun_endpoint
from xgodo_dev.emulator.timestamps import written

SHAPE = ErrorShape.DETAIL

_FIRST = 1_767_225_600.0
_DAY = 86_400.0


@dataclass(frozen=True)
class App:
    """One app; ``day`` is when it came, in days after the first."""

    package_name: str
    display_name: str
    version: str
    day: int
    uploaded: bool = False
    queued: bool = False

    def is_from(self, source: str) -> bool:
        """Whether it is one of that source."""
        if source == "queued":
            return self.queued
        return source == "all" or (not self.queued and self.uploaded == (source == "uploaded"))

    def document(self) -> dict[str, object]:
        """The app as the API shows it."""
        created = written(_FIRST + self.day * _DAY)
        return {
            "id": self.package_name,
            "packageName": self.package_name,
            "displayName": self.display_name,
            "iconURL": f"https://icons.mobilerun.invalid/{self.package_name}.png",
            "source": "uploaded" if self.uploaded else "store",
            "versionName": self.version,
            "versionCode": 1,
            "description": None,
            "developerName": None,
            "sizeBytes": None,
            "createdAt": created,
            "updatedAt": created,
            "queuedAt": created if self.queued else None,
            # From here on as newer servers say it.
            "bundleId": self.package_name,
            "platform": "android",
            "version": {
                "id": f"{self.package_name}@{self.version}",
                "appId": self.package_name,
                "country": "US",
                "source": "user" if self.uploaded else "store",
                "status": "queued" if self.queued else "available",
                "versionCode": 1,
                "versionName": self.version,
            },
        }


APPS = (
    App("com.android.chrome", "Chrome", "131.0", 0),
    App("com.google.android.gm", "Gmail", "2025.11", 1),
    App("com.google.android.apps.maps", "Maps", "25.48", 2),
    App("com.google.android.youtube", "YouTube", "20.47", 3),
    App("org.mozilla.firefox", "Firefox", "145.0", 4),
    App("org.thoughtcrime.securesms", "Signal", "7.66", 5),
    App("org.telegram.messenger", "Telegram", "12.2", 6),
    App("com.whatsapp", "WhatsApp", "2.25", 7),
    App("org.wikipedia", "Wikipedia", "50551", 8),
    App("com.spotify.music", "Spotify", "9.0", 9),
    App("com.example.app", "Example", "1.0", 10, uploaded=True),
    App("com.example.notes", "Notes", "0.3", 11, uploaded=True),
    App("com.example.calendar", "Calendar", "2.1", 12, queued=True),
)


async def list_apps(_: Emulator, call: Call) -> Document:
    """One page of the apps of a source whose name has a query in it."""
    asked = call.arguments
    query = asked.get("query", "").lower()
    found = [app for app in APPS if app.is_from(asked["source"]) and query in app.display_name.lower()]
    by_name = asked["sortBy"] == "name"
    found.sort(key=lambda app: app.display_name.lower() if by_name else app.day)
    if asked["order"] == "desc":
        found.reverse()
    page = Page(asked["page"], asked["pageSize"])
    shown = page.part(found)
    return {**listed(page, [app.document() for app in shown], len(found)), "count": _counts()}


def _counts() -> dict[str, int]:
    uploaded, store, queued = (
        sum(app.is_from(source) for app in APPS) for source in ("uploaded", "store", "queued")
    )
    return {
        "totalCount": len(APPS),
        "availableCount": uploaded + store,
        "uploadCount": uploaded,
        "storeCount": store,
        "queuedCount": queued,
        "failedCount": 0,
    }


ENDPOINTS = (mobilerun_endpoint("apps.list", list_apps),)
