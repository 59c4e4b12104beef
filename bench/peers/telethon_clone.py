#!/usr/bin/env python3
"""The script that tgclone replaces, written afresh: what a user of Telethon would run.

    TG_API_ID=… TG_API_HASH=… SOURCE_CHAT=… TARGET_CHAT=… [SOURCE_TOPIC=…] [TARGET_TOPIC=…] \\
        telethon_clone.py [--interval 3.5] [--limit N] [--checkpoint FILE] [--dc-config tgsim.json]

One message after the other, oldest first: text is sent again, a file is read whole into memory in
chunks of 512 KiB and sent up again, ten saveBigFilePart at a time (saveFilePart below 10 MiB), then
sendMedia, then a pause. A checkpoint file holds the id of the last message done. With Telethon 1.25 and
1.40 alike; a topic is named by reply_to_msg_id or by InputReplyToMessage, whichever the layer has.

What it cannot do is its nature and stays: albums fall apart, replies are lost, a crash between post
and checkpoint doubles a message, whatever is neither text, photo nor document becomes bare text.
"""
import argparse
import asyncio
import inspect
import json
import os
import pathlib
import random
import resource
import sys
import time

if '--without-cryptg' in sys.argv:
    sys.modules['cryptg'] = None  # as if it were not installed

from telethon import TelegramClient, errors, functions, types, utils
from telethon.crypto import rsa
from telethon.sessions import MemorySession

CHUNK = 512 * 1024
PARALLEL = 10
SMALL = 10 * 1024 * 1024
OLD_REPLY = 'reply_to_msg_id' in inspect.signature(functions.messages.SendMediaRequest).parameters


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--interval', type=float, default=3.5, help='seconds between posts')
    parser.add_argument('--checkpoint', default='checkpoint.json')
    parser.add_argument('--dc-config', default=os.environ.get('TGCLONE_DC_CONFIG'),
                        help='tgsim.json of a simulator')
    parser.add_argument('--session', default='telethon_clone', help='name of the session file')
    parser.add_argument('--phone', help='log in with this number; code and password from stdin')
    parser.add_argument('--limit', type=int, default=0, help='end after so many posts')
    parser.add_argument('--without-cryptg', action='store_true',
                        help="the plain installation: Telethon's own ways to AES")
    parser.add_argument('--json', action='store_true', help='a summary as JSON at the end')
    return parser.parse_args()


class Checkpoint:
    """The id of the last message that was posted."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.last = json.loads(self.path.read_text())['last'] if self.path.exists() else 0

    def done(self, message_id):
        self.last = message_id
        temporary = self.path.with_suffix('.tmp')
        temporary.write_text(json.dumps({'last': message_id}))
        temporary.replace(self.path)


def topic_argument(topic):
    """How this Telethon says "into that topic"."""
    if not topic:
        return {}
    if OLD_REPLY:
        return {'reply_to_msg_id': topic}
    return {'reply_to': types.InputReplyToMessage(topic, top_msg_id=topic)}


class Cloner:
    def __init__(self, client, args):
        self.client = client
        self.interval = args.interval
        self.limit = args.limit
        self.checkpoint = Checkpoint(args.checkpoint)
        self.posted = self.bytes = self.degraded = 0

    async def fetch(self, media, size):
        parts = []
        async for chunk in self.client.iter_download(media, request_size=CHUNK, file_size=size):
            parts.append(bytes(chunk))
        return b''.join(parts)

    async def put(self, data, name):
        """The file as an InputFile: small ones part by part, others ten parts at a time."""
        file_id = random.getrandbits(63)
        total = max(1, -(-len(data) // CHUNK))
        if len(data) < SMALL:
            for i in range(total):
                await self.client(functions.upload.SaveFilePartRequest(
                    file_id, i, data[i * CHUNK:(i + 1) * CHUNK]))
            return types.InputFile(file_id, total, name, '')
        gate = asyncio.Semaphore(PARALLEL)

        async def part(i):
            async with gate:
                await self.client(functions.upload.SaveBigFilePartRequest(
                    file_id, i, total, data[i * CHUNK:(i + 1) * CHUNK]))

        await asyncio.gather(*(part(i) for i in range(total)))
        return types.InputFileBig(file_id, total, name)

    async def media_of(self, message):
        """InputMedia for what is worth a file; None for all else."""
        if message.photo:
            data = await self.fetch(message.photo, message.file.size)
            self.bytes += len(data)
            return types.InputMediaUploadedPhoto(await self.put(data, 'photo.jpg'))
        if message.document:
            document = message.document
            data = await self.fetch(document, document.size)
            self.bytes += len(data)
            return types.InputMediaUploadedDocument(
                await self.put(data, message.file.name or 'file'), document.mime_type,
                document.attributes)
        return None

    async def post(self, message, target, topic):
        media = await self.media_of(message)
        text = message.message or ''
        common = dict(peer=target, message=text, entities=message.entities or [],
                      random_id=random.getrandbits(63), **topic_argument(topic))
        if media is not None:
            await self.client(functions.messages.SendMediaRequest(media=media, **common))
            return True
        kept = not message.media or isinstance(message.media, types.MessageMediaWebPage)
        self.degraded += not kept
        if not text:
            return False
        await self.client(functions.messages.SendMessageRequest(**common))
        return True

    async def patiently(self, *args):
        while True:
            try:
                return await self.post(*args)
            except errors.FloodWaitError as e:
                await asyncio.sleep(e.seconds + 1)

    async def run(self, source, target, source_topic, target_topic):
        where = {'reply_to': source_topic} if source_topic else {}
        messages = [m async for m in self.client.iter_messages(source, **where)]
        for message in reversed(messages):
            if message.id <= self.checkpoint.last or not isinstance(message, types.Message):
                continue
            if await self.patiently(message, target, target_topic):
                self.posted += 1
                await asyncio.sleep(self.interval)
            self.checkpoint.done(message.id)
            if self.limit and self.posted == self.limit:
                return


def cipher():
    """Which AES this Telethon has found."""
    from telethon.crypto import aes, libssl
    if aes.cryptg:
        return 'cryptg'
    return 'libssl' if libssl.decrypt_ige else 'python'


def cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def make_client(args):
    if not args.dc_config:
        return TelegramClient(args.session, int(os.environ['TG_API_ID']),
                              os.environ['TG_API_HASH'])
    config = json.loads(pathlib.Path(args.dc_config).read_text())
    key = config['rsa_key_pem']
    rsa.add_key(pathlib.Path(key).read_text(), old=False)
    home = next(d for d in config['dcs'] if d['id'] == config['home_dc'])
    session = MemorySession()
    session.set_dc(home['id'], home['host'], home['port'])
    return TelegramClient(session, config['api_id'], config['api_hash'])


async def login(client, phone):
    await client.connect()
    if await client.is_user_authorized():
        return
    await client.send_code_request(phone)
    try:
        await client.sign_in(phone, sys.stdin.readline().strip())
    except errors.SessionPasswordNeededError:
        await client.sign_in(password=sys.stdin.readline().rstrip('\n'))


def chat_of(text):
    try:
        return int(text)
    except ValueError:
        return text


async def main():
    args = arguments()
    client = make_client(args)
    await login(client, args.phone)
    try:
        await client.get_dialogs()  # the session learns the access hashes
        source = await client.get_input_entity(chat_of(os.environ['SOURCE_CHAT']))
        target = await client.get_input_entity(chat_of(os.environ['TARGET_CHAT']))
        cloner = Cloner(client, args)
        start, cpu = time.monotonic(), cpu_seconds()
        await cloner.run(source, utils.get_input_peer(target),
                         int(os.environ.get('SOURCE_TOPIC') or 0),
                         int(os.environ.get('TARGET_TOPIC') or 0))
        seconds, cpu = time.monotonic() - start, cpu_seconds() - cpu
        if args.json:
            print(json.dumps({'posted': cloner.posted, 'bytes': cloner.bytes,
                              'degraded': cloner.degraded, 'seconds': round(seconds, 3),
                              'cpu_seconds': round(cpu, 3), 'cipher': cipher()}))
        else:
            print('%d posted, %d bytes, %d without what they carried, %.1f s' %
                  (cloner.posted, cloner.bytes, cloner.degraded, seconds))
    finally:
        await client.disconnect()


if __name__ == '__main__':
    asyncio.run(main())
