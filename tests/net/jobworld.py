"""Draws the chats of a job into an archive that tgsim reads (--world): every kind of message, from one sequence."""
import json
import pathlib

PICTURE = pathlib.Path(__file__).resolve().parent.parent / 'data/demo/files/cover_thumb.jpg'
TYPES = {'supergroup': 'private_supergroup', 'forum': 'private_supergroup', 'channel': 'private_channel',
         'group': 'private_group', 'me': 'saved_messages'}
WORDS = ('ok', 'good morning', 'Olá, está tudo bem? 🏡', 'the very same')
FOUND = (('link', 'https://example.com/a'), ('hashtag', '#tag'), ('mention', '@somebody'))  # by the server, in any text
BOLD = ('bold', 'italic', 'code', 'strikethrough', 'underline', 'spoiler', 'blockquote')
START = 1704067200


class World:
    """rng decides; files and result.json go into the folder. source, targets: kinds of chats (TYPES)."""

    def __init__(self, rng, folder, source, targets):
        self.rng, self.folder, self.files = rng, folder, 0
        self.source = source
        chats = [self.chat('Source', source, 1600000301, self.history())]
        for i, kind in enumerate(targets):
            if kind != 'me':
                chats.append(self.chat('Target %d' % i, kind, 1600000302 + i, self.emptiness(kind, 1000 + i)))
        (folder / 'result.json').write_text(json.dumps({'chats': {'list': chats}}))

    def chat(self, name, kind, id, messages):
        return {'name': name, 'type': TYPES[kind], 'id': id, 'forum': kind == 'forum', 'messages': messages}

    def base(self, id, **more):
        return {'id': id, 'type': 'message', 'date_unixtime': str(START + 60 * id), 'from': 'Somebody',
                'from_id': 'user%d' % (77000 + id % 3), 'text': '', **more}

    def service(self, id, action, **more):
        return {'id': id, 'type': 'service', 'date_unixtime': str(START + 60 * id), 'actor': 'Somebody',
                'actor_id': 'user77000', 'action': action, 'text': '', **more}

    def emptiness(self, kind, id):
        """A target has its beginning, and in a forum one topic. Basic groups of an account share their ids."""
        if kind == 'forum':
            return [self.service(1, 'create_supergroup', title='T'),
                    self.service(2, 'topic_created', title='Inside', icon_color=7322096),
                    self.base(3, text='was here before', topic_id=2)]
        return [self.base(id, text='was here before')] if self.rng.randrange(2) else []

    def file(self, suffix, least, most):
        self.files += 1
        name = 'f%d.%s' % (self.files, suffix)
        picture = PICTURE.read_bytes() if suffix == 'jpg' else b''
        (self.folder / name).write_bytes(picture + self.rng.randbytes(self.rng.randrange(least, most)))
        return name

    def words(self, id):
        if self.rng.randrange(10) == 0:
            kind, text = self.rng.choice(FOUND)
            return ['see ', {'type': kind, 'text': text}]
        text = self.rng.choice(WORDS) if self.rng.randrange(3) == 0 else 'number %d' % id
        if self.rng.randrange(3):
            return text
        return ['say ', {'type': self.rng.choice(BOLD), 'text': text}, ' and more']

    def caption(self, id):
        return self.words(id) if self.rng.randrange(2) else ''

    # ---- one message each ----

    def text(self, id):
        return {'text': self.words(id)}

    def photo(self, id):
        return {'photo': self.file('jpg', 200, 60000), 'text': self.caption(id), 'media_spoiler': self.rng.randrange(6) == 0}

    def document(self, id):
        big = self.rng.randrange(40) == 0
        return {'file': self.file('bin', *((10500000, 12000000) if big else (1, 300000))), 'file_name': 'name %d.bin' % id,
                'text': self.caption(id)}

    def video(self, id):
        return {'file': self.file('mp4', 1000, 900000), 'media_type': 'video_file', 'duration_seconds': 3, 'width': 320,
                'height': 240, 'thumbnail': self.file('jpg', 200, 3000), 'text': self.caption(id)}

    def voice(self, id):
        return {'file': self.file('ogg', 100, 9000), 'media_type': 'voice_message', 'duration_seconds': 5,
                'waveform': '0225e671c2c4', 'mime_type': 'audio/ogg'}

    def music(self, id):
        return {'file': self.file('mp3', 1000, 90000), 'media_type': 'audio_file', 'duration_seconds': 6, 'title': 'Song',
                'performer': 'Me', 'text': self.caption(id)}

    def round(self, id):
        return {'file': self.file('mp4', 1000, 90000), 'media_type': 'video_message', 'duration_seconds': 2, 'width': 240,
                'height': 240, 'mime_type': 'video/mp4'}

    def animation(self, id):
        return {'file': self.file('mp4', 1000, 90000), 'media_type': 'animation', 'duration_seconds': 2, 'width': 240,
                'height': 180, 'mime_type': 'video/mp4', 'file_name': 'a.mp4'}

    def sticker(self, id):
        return {'file': self.file('webp', 500, 20000), 'media_type': 'sticker', 'sticker_emoji': '🙂', 'width': 320,
                'height': 320}

    def dice(self, id):
        return {'dice': {'emoji': '🎲', 'value': self.rng.randrange(1, 7)}}

    def poll(self, id):
        answers = [{'text': 'Yes %d' % i, 'voters': i, 'chosen': False} for i in range(3)]
        quiz = {'quiz': True, 'correct_answer': 1} if self.rng.randrange(3) == 0 else {}
        return {'poll': {'question': 'Who comes %d?' % id, 'closed': False, 'total_voters': 3, 'answers': answers, **quiz}}

    def place(self, id):
        return {'location_information': {'latitude': 41.5 + id / 1000, 'longitude': -8.6}}

    def contact(self, id):
        return {'contact_information': {'first_name': 'A', 'last_name': 'B', 'phone_number': '+3519000%05d' % id}}

    KINDS = ('text',) * 6 + ('photo',) * 3 + ('document',) * 2 + ('video', 'voice', 'music', 'round', 'animation', 'sticker',
                                                                   'dice', 'poll', 'place', 'contact')

    # ---- the chat ----

    def history(self):
        """Texts, media, albums, answers, topics, gaps and service messages."""
        rng, out, answerable = self.rng, [], []
        id, count = rng.randrange(1, 400), rng.randrange(12, 70)
        topics = []
        if self.source == 'forum':
            for n in range(rng.randrange(1, 4)):
                out.append(self.service(id, 'topic_created', title='Topic %d' % n, icon_color=7322096))
                topics.append(id)
                id += 1
        while len(out) < count:
            id += 2 if rng.randrange(12) == 0 else 1
            topic = {'topic_id': rng.choice([1, *topics])} if topics else {}
            if rng.randrange(25) == 0 and answerable:
                out.append(self.service(id, 'pin_message', message_id=rng.choice(answerable)[0]))
                continue
            album = rng.randrange(12) == 0 and rng.randrange(2, 6)
            make = getattr(self, rng.choice(('photo', 'photo', 'video', 'document')) if album else rng.choice(self.KINDS))
            more = {'silent': True} if rng.randrange(8) == 0 else {}
            if make in (self.photo, self.video) and rng.randrange(5) == 0:
                more['caption_above'] = True  # of an album: all of it
            parents = [a for a in answerable if not topics or a[1] == topic['topic_id']]
            if rng.randrange(4) == 0 and parents:
                more['reply_to_message_id'] = rng.choice(parents)[0]
            if rng.randrange(15) == 0:
                more['forwarded_from'] = 'Somebody else'
            for n in range(album or 1):
                group = {'grouped_id': 7100000000000000000 + id - n} if album else {}
                out.append(self.base(id, **make(id), **topic, **more, **group))
                answerable.append((id, topic.get('topic_id')))
                id += n < (album or 1) - 1
        return out
