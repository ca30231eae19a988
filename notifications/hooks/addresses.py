"""Which addresses outside a webhook may lead to. A name is looked up once, judged, and dialled as it was judged.

A server of ours that can be made to ask any address reaches machines that the clinic's admin cannot: the cloud's own
data service, the database, the neighbours. So only addresses of the public internet are dialled, and networks that the
operator names. What the name says a moment later (rebinding) does not matter: nobody asks again.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Sequence
from urllib.parse import SplitResult, urlsplit

from django.utils.translation import gettext

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

PORTS = range(1, 65536)
_HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+")
_UNICAST = ipaddress.ip_network("2000::/3")
_TRANSLATED = (ipaddress.ip_network("2002::/16"), ipaddress.ip_network("2001::/32"))


class BadAddress(ValueError):
    """A URL that no webhook may have; the text is the sentence that the admin reads."""


def check_url(url: str) -> SplitResult:
    """The parts of a webhook's URL. Raise `BadAddress` for what is no plain HTTPS address of a named host."""
    if len(url) > 300 or not url.isascii() or any(sign <= " " or sign == "\\" for sign in url):
        raise BadAddress(gettext("Write a plain address of at most 300 characters without spaces."))
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as unreadable:
        raise BadAddress(gettext("This is no address.")) from unreadable
    if parts.scheme != "https":
        raise BadAddress(gettext("The address begins with https://."))
    if parts.username is not None or parts.password is not None or parts.fragment or parts.query:
        raise BadAddress(gettext("Leave out names, passwords, ? and #: an address is seen by many."))
    host = (parts.hostname or "").removesuffix(".")
    if not _HOST.fullmatch(host) or host.rpartition(".")[2].isdigit():
        raise BadAddress(gettext("Write the name of the host, such as hooks.example.org, not a number."))
    if port is not None and port not in PORTS:
        raise BadAddress(gettext("This is no port."))
    return parts


def look_up(host: str, port: int, *, allowed: Sequence[Network] = ()) -> str:
    """The address to dial for a host. Raise `BadAddress` when any of its addresses is not of the public internet, and
    `OSError` when it has none now."""
    found = [entry[4][0] for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    for text in found:
        if not is_public(ipaddress.ip_address(str(text).partition("%")[0]), allowed):
            raise BadAddress(gettext("This host is not on the public internet."))
    return str(found[0])


def is_public(address: Address, allowed: Sequence[Network] = ()) -> bool:
    """Whether an address is one machine of the public internet, or of a network that the operator allows."""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if any(address.version == network.version and address in network for network in allowed):
        return True
    if address.is_multicast or not address.is_global:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        return address in _UNICAST and not any(address in network for network in _TRANSLATED)
    return True
