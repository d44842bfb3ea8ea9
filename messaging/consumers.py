"""The sockets of open browsers. They carry {conversation, sequence} and whether it calls for her; and who is where.

One subscription per process hears the bell and sends it on to its own sockets: through
Channels' groups the last of 1,000 sockets hears ten times later (docs/decisions).
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from time import monotonic
from typing import Any, cast
from uuid import UUID

import redis.asyncio
import structlog
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.urls import path

from accounts.models import Membership
from accounts.networks import admits
from accounts.places import socket_address
from accounts.sockets import SocketMember, member_of, members_of
from messaging.bell import CHANNEL, QUIET_AFTER_FAILURE
from messaging.presence import LEAVES, LOOKS, WRITES, Frame, Pace, Place, frame_of, news_of, place_of

SIGN_IN_FIRST, ACCESS_ENDED = 4401, 4403  # RFC 6455, 7.4.2: 4000 to 4999 are ours to give
POLICY_VIOLATION, TRY_AGAIN_LATER = 1008, 1013
LOOK_AGAIN_EVERY = 4  # seconds between checks that each socket may stay open: access that ends has ended within five
LOOK_TAKES = 10  # seconds at most; what takes longer has failed
UNCHECKED_MOST = 45  # seconds: with the look that finds it out, nobody stays for a minute without one
VALKEY_BACK_AFTER = 2  # seconds
PATIENCE = 0.5  # seconds; who is where is not worth waiting for

log = structlog.get_logger(__name__)


class BellConsumer(AsyncJsonWebsocketConsumer):
    """The bell of one staff member's browser. It hears where she is (`messaging.presence`) and carries no words."""

    member: SocketMember | None = None
    place: Place | None = None
    address = ""
    unchecked_since: float | None = None  # since when nobody could look whether it may stay open

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._pace = Pace()

    async def connect(self) -> None:
        """A browser that is let in asks for what it has missed: by then every bell has to reach this socket."""
        try:
            scope = cast(Mapping[str, Any], self.scope)
            self.member, self.address = await member_of(scope), socket_address(scope)
        except (OperationalError, InterfaceError):  # the database is away: the page asks instead
            await self._refuse(TRY_AGAIN_LATER)
            return
        if self.member is None:
            await self._refuse(SIGN_IN_FIRST)
        elif not admits(self.member.networks, self.address):
            await self._refuse(ACCESS_ENDED)
        elif not await switchboard.is_listening():
            await self._refuse(TRY_AGAIN_LATER)
        else:
            await self.accept()
            switchboard.join(self)

    async def _refuse(self, code: int) -> None:
        """A code reaches the page only through a socket that was accepted."""
        self.member = None
        await self.accept()
        await self.close(code=code)

    async def disconnect(self, code: int) -> None:
        switchboard.leave(self)
        await self._say(LEAVES, self.place)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None, **kwargs: Any) -> None:
        if self.member is None:  # closed already; what was under way still arrives
            return
        frame = frame_of(text_data)
        if frame is None or not self._pace.allows():
            await self._end(POLICY_VIOLATION)
            return
        await self._stand_at(frame)
        await self._say(WRITES if frame.writes else LOOKS, self.place)

    async def _end(self, code: int) -> None:
        """Close, and have her gone from her colleagues' screens at once."""
        member, place = self.member, self.place
        self.member = self.place = None
        await self.close(code=code)
        if member and place:
            await switchboard.say(news_of(member, place, LEAVES))

    async def _stand_at(self, frame: Frame) -> None:
        """Go to where her page is now. Whether she may read it is asked when she comes, and follows the bell then."""
        if self.member is None or (self.place.is_at(frame.at) if self.place else frame.at is None):
            return
        before, self.place = self.place, None
        if frame.at:
            with suppress(OperationalError, InterfaceError, Membership.DoesNotExist):  # then nobody hears of her
                self.place = await database_sync_to_async(place_of)(self.member, frame.at)
        if before and before.conversation != str(frame.at):
            await self._say(LEAVES, before)

    async def _say(self, does: str, place: Place | None) -> None:
        """Tell those who may read it, while she still may."""
        if self.member and place:
            news = news_of(self.member, place, does)
            if self.may_hear(news):
                await switchboard.say(news)

    def learn(self, news: dict[str, Any]) -> None:
        """Somebody else may hold the conversation on her screen by now."""
        if self.place and self.place.conversation == news["conversation"]:
            self.place = self.place._replace(assignee=news["assignee"])

    def may_hear(self, news: dict[str, Any]) -> bool:
        member = self.member
        if member is None or news["center"] != str(member.center_id):
            return False
        return member.sees_all or news["everyone"] or news["assignee"] in (None, str(member.staff_id))

    async def tell(self, news: dict[str, Any]) -> None:
        """Pass it on. It is aloud for whoever is to answer or is called by name, not for those who may read along."""
        person = str(self.member.staff_id) if self.member else ""
        aloud = bool(news.get("aloud")) and news["assignee"] in (None, person)
        aloud = aloud or person in news.get("called", ())
        frame = {"conversation": news["conversation"], "sequence": news["sequence"], "aloud": aloud}
        holder, by, to = news.get("lost") or (None, None, None)
        if person == holder:
            frame |= {"by": by, "to": to}
        await self.send(text_data=json.dumps(frame))

    async def tell_who(self, news: dict[str, Any]) -> None:
        """Pass on where a colleague is."""
        frame = {name: news[name] for name in ("conversation", "who", "does")}
        await self.send(text_data=json.dumps(frame))

    async def stand_as(self, member: SocketMember | None) -> None:
        """Go by the role that she has now; close if the access that opened this socket has ended."""
        if self.member is None:
            return
        self.unchecked_since = None
        is_same = member is not None and member.membership_id == self.member.membership_id
        if is_same and member and admits(member.networks, self.address):
            self.member = member
        else:
            await self._end(ACCESS_ENDED)

    async def stand_unchecked(self) -> None:
        """Nobody could look whether it may stay open: for less than a minute it does, then the page asks instead."""
        self.unchecked_since = self.unchecked_since or monotonic()
        if monotonic() - self.unchecked_since >= UNCHECKED_MOST:
            await self._end(TRY_AGAIN_LATER)


class Switchboard:
    """All sockets of this process, and its one subscription."""

    def __init__(self) -> None:
        self._sockets: set[BellConsumer] = set()
        self._listening: asyncio.Task[None] | None = None
        self._checking: asyncio.Task[None] | None = None
        self._is_subscribed = asyncio.Event()
        self._valkey: redis.asyncio.Redis | None = None
        self._quiet_until = 0.0

    async def is_listening(self) -> bool:
        """Whether the bell can be heard here; if not, the page polls instead."""
        if self._listening is None or self._listening.done():
            self._is_subscribed.clear()
            self._listening = asyncio.create_task(self._listen())
        if self._checking is None or self._checking.done():
            self._checking = asyncio.create_task(self._check_access())
        try:
            await asyncio.wait_for(self._is_subscribed.wait(), timeout=3)
        except TimeoutError:
            return False
        return True

    def join(self, socket: BellConsumer) -> None:
        self._sockets.add(socket)

    def leave(self, socket: BellConsumer) -> None:
        self._sockets.discard(socket)

    async def say(self, news: dict[str, Any]) -> None:
        """Tell every process, this one too, where somebody is. Nothing is lost that is not said again in seconds."""
        if self._valkey is None or not self._is_subscribed.is_set() or monotonic() < self._quiet_until:
            return
        try:
            await asyncio.wait_for(self._valkey.publish(CHANNEL, json.dumps(news)), PATIENCE)
        except (redis.RedisError, OSError, TimeoutError) as error:
            self._quiet_until = monotonic() + QUIET_AFTER_FAILURE
            log.warning("presence_unheard", error=type(error).__name__)

    async def _listen(self) -> None:
        while True:
            try:
                await self._hear_until_lost()
            except (redis.RedisError, OSError) as error:
                log.warning("bell_lost", error=type(error).__name__)
            self._is_subscribed.clear()
            await self._close_all(TRY_AGAIN_LATER)
            await asyncio.sleep(VALKEY_BACK_AFTER)

    async def _hear_until_lost(self) -> None:
        client = redis.asyncio.Redis.from_url(
            settings.VALKEY_URL, socket_timeout=None, socket_connect_timeout=2, health_check_interval=20
        )
        async with client, client.pubsub(ignore_subscribe_messages=True) as subscription:
            await subscription.subscribe(CHANNEL)
            self._valkey = client
            self._is_subscribed.set()
            async for message in subscription.listen():
                await self._pass_on(json.loads(message["data"]))

    async def _pass_on(self, news: dict[str, Any]) -> None:
        if "ended" in news:
            await self._look_again([s for s in self._sockets if s.member and str(s.member.staff_id) == news["ended"]])
            return
        hearing = [socket for socket in self._sockets if socket.may_hear(news)]
        if "who" in news:
            others = [socket for socket in hearing if socket.member and str(socket.member.staff_id) != news["who"]]
            await asyncio.gather(*(socket.tell_who(news) for socket in others), return_exceptions=True)
            return
        for socket in self._sockets:
            socket.learn(news)
        await asyncio.gather(*(socket.tell(news) for socket in hearing), return_exceptions=True)

    async def _look_again(self, sockets: list[BellConsumer]) -> None:
        """Look up all of a center at once: one by one, a thousand would keep this process from anything else.

        What goes wrong in one center keeps nobody's socket open in another.
        """
        of_centers: dict[UUID, list[BellConsumer]] = defaultdict(list)
        for socket in sockets:
            if socket.member:
                of_centers[socket.member.center_id].append(socket)
        await asyncio.gather(*map(self._look_again_in_a_center, of_centers.values()))

    async def _look_again_in_a_center(self, sockets: list[BellConsumer]) -> None:
        keys = [socket.member.session_key for socket in sockets if socket.member]
        look = asyncio.wait_for(database_sync_to_async(members_of)(keys), LOOK_TAKES)
        looked = await asyncio.gather(look, return_exceptions=True)
        members: dict[str, SocketMember] | BaseException = looked[0]
        if isinstance(members, BaseException):
            if all(socket.unchecked_since is None for socket in sockets):  # once, until it works again
                log.warning("bell_unchecked", error=type(members).__name__)
            await asyncio.gather(*(socket.stand_unchecked() for socket in sockets), return_exceptions=True)
            return
        now = [(socket, socket.member and members.get(socket.member.session_key)) for socket in sockets]
        await asyncio.gather(*(socket.stand_as(member) for socket, member in now), return_exceptions=True)

    async def _check_access(self) -> None:
        while True:
            await asyncio.sleep(LOOK_AGAIN_EVERY)
            await self._look_again(list(self._sockets))

    async def _close_all(self, code: int) -> None:
        sockets, self._sockets = self._sockets, set()
        await asyncio.gather(*(socket.close(code=code) for socket in sockets), return_exceptions=True)


switchboard = Switchboard()

websocket_urlpatterns: list[Any] = [path("ws/bell/", cast(Any, BellConsumer.as_asgi()))]
