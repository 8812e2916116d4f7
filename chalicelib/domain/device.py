"""Which browser on which system: two words from a header, so that somebody can tell their own devices apart. Never more."""

from dataclasses import dataclass
from enum import StrEnum


class Browser(StrEnum):
    """A browser's family."""

    EDGE = "edge"
    FIREFOX = "firefox"
    CHROME = "chrome"
    SAFARI = "safari"
    OTHER = "other"


class System(StrEnum):
    """A system's family."""

    IOS = "ios"
    ANDROID = "android"
    WINDOWS = "windows"
    MACOS = "macos"
    LINUX = "linux"
    OTHER = "other"


# What gives each away, the more particular first: every browser also claims to be an older one.
BROWSERS = (
    ("edg", Browser.EDGE),
    ("firefox/", Browser.FIREFOX),
    ("fxios", Browser.FIREFOX),
    ("chrom", Browser.CHROME),
    ("crios", Browser.CHROME),
    ("safari/", Browser.SAFARI),
)
SYSTEMS = (
    ("iphone", System.IOS),
    ("ipad", System.IOS),
    ("android", System.ANDROID),
    ("windows", System.WINDOWS),
    ("mac os", System.MACOS),
    ("linux", System.LINUX),
    ("x11", System.LINUX),
)


@dataclass(frozen=True, slots=True)
class Device:
    """What a session was opened on."""

    browser: Browser = Browser.OTHER
    system: System = System.OTHER


NOWHERE = Device()


def device(user_agent: str) -> Device:
    """Read the two words."""
    said = user_agent[:500].lower()
    browser = next((one for sign, one in BROWSERS if sign in said), Browser.OTHER)
    return Device(browser, next((one for sign, one in SYSTEMS if sign in said), System.OTHER))
