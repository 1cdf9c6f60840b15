"""Failed attempts to log in make the next one from the same place wait."""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

FREE = 5
LONGEST_SECONDS = 60.0
_FORGOTTEN_SECONDS = 900.0
_MOST_PLACES = 10_000


@dataclass(slots=True)
class _Failures:
    count: int
    last: float


@dataclass
class Attempts:
    """Counts failures by network address: the first five cost nothing, each further one doubles the wait, up to 60 s.

    A success does not clear the count, else one who has a password could go on guessing another's; 15 minutes without
    a failure do. A user elsewhere is never kept out.
    """

    now: Callable[[], float] = time.monotonic
    _places: OrderedDict[str, _Failures] = field(default_factory=OrderedDict)

    def wait(self, address: str) -> float:
        """Seconds before another attempt from ``address`` is looked at; 0 if it may be made."""
        failures = self._places.get(_place(address))
        if failures is None or failures.count < FREE:
            return 0.0
        pause = min(2.0 ** min(failures.count - FREE, 10), LONGEST_SECONDS)
        return max(0.0, failures.last + pause - self.now())

    def fail(self, address: str) -> None:
        """Note down that an attempt from ``address`` has failed."""
        place, now = _place(address), self.now()
        failures = self._places.pop(place, None)
        is_fresh = failures is not None and now - failures.last < _FORGOTTEN_SECONDS
        self._places[place] = _Failures(failures.count + 1 if failures and is_fresh else 1, now)
        while len(self._places) > _MOST_PLACES:
            self._places.popitem(last=False)


def _place(address: str) -> str:
    """The address, or for IPv6 the network of one customer, who has all its addresses."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(parsed.ipv4_mapped or ipaddress.ip_network((parsed, 64), strict=False))
    return address
