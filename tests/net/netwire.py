"""Two network namespaces and a wire between them that this process holds in its hands.

Each side is a TUN device; every packet passes through a Wire, which may delay it, lose it, or let it overtake
others. Real TCP of the real kernel on both ends, no netem, no firewall needed; root is.
"""
import ctypes
import fcntl
import heapq
import itertools
import os
import random
import select
import struct
import subprocess
import threading
import time

CLIENT, SERVER = 0, 1
CLIENT_V4, SERVER_V4 = '10.77.0.1', '10.77.0.2'
CLIENT_V6, SERVER_V6 = 'fd77::1', 'fd77::2'
NET_V4 = '10.77.0.0/24'
_LIBC = ctypes.CDLL(None, use_errno=True)
_NEWNET = 0x40000000
_TUNSETIFF, _TUN_WITHOUT_INFO = 0x400454ca, 0x1001


class Unable(Exception):
    """This machine gives no namespaces or no TUN: the test is skipped."""


def _call(name, *args):
    if getattr(_LIBC, name)(*args) != 0:
        raise Unable('%s: %s' % (name, os.strerror(ctypes.get_errno())))


def _ip(*words):
    subprocess.run(['ip', *words], check=True)


class Side:
    """A namespace with one device, and the file that names it."""

    def __init__(self, v4, peer_v4, v6):
        _call('unshare', _NEWNET)
        self.fd = os.open('/proc/self/ns/net', os.O_RDONLY | os.O_CLOEXEC)
        try:
            self.tun = os.open('/dev/net/tun', os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
            fcntl.ioctl(self.tun, _TUNSETIFF, struct.pack('16sH22x', b'wire', _TUN_WITHOUT_INFO))
        except OSError as e:
            raise Unable('no TUN device: %s' % e) from None
        _ip('link', 'set', 'lo', 'up')
        if v4:
            _ip('addr', 'add', v4, 'peer', peer_v4, 'dev', 'wire')
        _ip('-6', 'addr', 'add', v6 + '/64', 'dev', 'wire', 'nodad')
        _ip('link', 'set', 'wire', 'up')
        if v4:
            _ip('route', 'add', NET_V4, 'dev', 'wire')

    def ip(self, *words):
        self.enter()
        _ip(*words)

    def enter(self):
        _call('setns', self.fd, _NEWNET)


class Wire(threading.Thread):
    """Carries packets until it is closed. What it does is said by fields that may change at any time."""

    def __init__(self, ipv4=True):
        super().__init__(daemon=True)
        self.sides = [Side(CLIENT_V4 if ipv4 else None, SERVER_V4, CLIENT_V6),
                      Side(SERVER_V4 if ipv4 else None, CLIENT_V4, SERVER_V6)]
        self.delay = (0.0, 0.0)
        self.loss = 0.0
        self.random = random.Random(1)
        self.dead = [False, False]        # towards that side
        self.drops = lambda packet: False  # any packet
        self.log = []                      # (time, packet) of connects since then
        self.first_data = None             # time of the server's first bytes since the last listen()
        self._ended = False
        self._order = itertools.count()
        self.sides[CLIENT].enter()

    def run(self):
        waiting = []
        tuns = [side.tun for side in self.sides]
        while not self._ended:
            now = time.monotonic()
            while waiting and waiting[0][0] <= now:
                _, _, to, packet = heapq.heappop(waiting)
                self._put(to, packet)
            wait = min(0.1, waiting[0][0] - now) if waiting else 0.1
            for tun in select.select(tuns, [], [], max(wait, 0))[0]:
                to = 1 - tuns.index(tun)
                while (packet := self._get(tun)) is not None:
                    self._take(waiting, to, packet)

    @staticmethod
    def _get(tun):
        try:
            return os.read(tun, 65536)
        except BlockingIOError:
            return None

    def _put(self, to, packet):
        try:
            os.write(self.sides[to].tun, packet)
        except OSError:
            pass  # an address that is gone meanwhile

    def _take(self, waiting, to, packet):
        if is_syn(packet):
            self.log.append((time.monotonic(), packet))
        if self.dead[to] or self.drops(packet) or self.random.random() < self.loss:
            return
        if to == CLIENT and self.first_data is None and has_data(packet):
            self.first_data = time.monotonic()
        if self.delay[1] == 0:
            self._put(to, packet)
            return
        at = time.monotonic() + self.random.uniform(*self.delay)
        heapq.heappush(waiting, (at, next(self._order), to, packet))

    def listen(self):
        self.log = []
        self.first_data = None

    def close(self):
        self._ended = True
        self.join()


def transport(packet):
    """Offset of the TCP header, or None."""
    version = packet[0] >> 4
    if version == 4 and packet[9] == 6:
        return (packet[0] & 15) * 4
    if version == 6 and packet[6] == 6:
        return 40
    return None


def port_to(packet):
    at = transport(packet)
    return struct.unpack_from('!H', packet, at + 2)[0] if at else 0


def port_from(packet):
    at = transport(packet)
    return struct.unpack_from('!H', packet, at)[0] if at else 0


def is_syn(packet):
    at = transport(packet)
    return bool(at) and packet[at + 13] & 0x12 == 0x02


def has_data(packet):
    at = transport(packet)
    return bool(at) and len(packet) > at + (packet[at + 12] >> 4) * 4


def is_ipv6(packet):
    return packet[0] >> 4 == 6
