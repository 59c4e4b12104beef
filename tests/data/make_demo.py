#!/usr/bin/env python3
"""Makes the demo archive under tests/data/demo: media by ffmpeg and ImageMagick, texts from below.

The result is committed; this says where it came from, and makes it again (the bytes of media depend
on the versions of the two programs). It has the form of Telegram Desktop's machine-readable export,
with the extra keys that tools/tgsim/archive.c documents.
"""
import json
import os
import subprocess
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'demo')
START = 1717228800  # 2024-06-01 08:00:00 UTC
HELENA, TOMAS, INES = (510000101, 'Helena Duarte'), (510000102, 'Tomás Vidal'), (510000103, 'Inês')


def run(*args):
    subprocess.run(args, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def ffmpeg(out, *args):
    run('ffmpeg', '-y', '-fflags', '+bitexact', *args, '-map_metadata', '-1', '-flags:v', '+bitexact',
        '-flags:a', '+bitexact', os.path.join(ROOT, out))


# ---- media ----

def photo(out, seed, size, colors, label):
    run('convert', '-size', size, '-seed', str(seed), 'plasma:' + colors, '-blur', '0x4', '-gravity',
        'south', '-fill', 'white', '-pointsize', '36', '-annotate', '+0+24', label, '-strip',
        '-sampling-factor', '4:2:0', '-quality', '72', os.path.join(ROOT, out))


def video(out, source, seconds, size, *more):
    ffmpeg(out, '-f', 'lavfi', '-i', f'{source}=size={size}:rate=15', '-f', 'lavfi', '-i',
           'sine=frequency=330:sample_rate=44100', '-t', str(seconds), '-c:v', 'libx264', '-preset',
           'veryslow', '-crf', '34', '-pix_fmt', 'yuv420p', '-c:a', 'aac', '-b:a', '32k', '-movflags',
           '+faststart', *more)


def thumb(out, source):
    run('ffmpeg', '-y', '-i', os.path.join(ROOT, source), '-frames:v', '1', '-vf',
        'scale=w=320:h=320:force_original_aspect_ratio=decrease', '-q:v', '8', '-map_metadata', '-1',
        os.path.join(ROOT, out))


def pdf(out, lines):
    text = 'BT /F1 18 Tf 72 760 Td 24 TL ' + ' '.join(f'({line}) Tj T*' for line in lines) + ' ET'
    objects = ['<< /Type /Catalog /Pages 2 0 R >>', '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
               '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources '
               '<< /Font << /F1 5 0 R >> >> >>',
               f'<< /Length {len(text)} >>\nstream\n{text}\nendstream',
               '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>']
    body, offsets = '%PDF-1.4\n', []
    for i, o in enumerate(objects, 1):
        offsets.append(len(body))
        body += f'{i} 0 obj\n{o}\nendobj\n'
    start = len(body)
    body += f'xref\n0 {len(objects) + 1}\n0000000000 65535 f \n'
    body += ''.join(f'{o:010d} 00000 n \n' for o in offsets)
    body += f'trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n'
    write(out, body)


def write(out, text):
    with open(os.path.join(ROOT, out), 'w', encoding='utf-8', newline='\n') as f:
        f.write(text)


def make_media():
    for d in ('photos', 'video_files', 'round_video_messages', 'voice_messages', 'files', 'stickers',
              'contacts', 'channel/photos', 'channel/video_files', 'protected/photos',
              'protected/files', 'private/voice_messages', 'private/photos'):
        os.makedirs(os.path.join(ROOT, d), exist_ok=True)
    photo('photos/facade.jpg', 11, '1024x768', 'steelblue-peru', 'the house, June')
    photo('photos/kitchen_1.jpg', 12, '800x600', 'tan-darkolivegreen', 'kitchen 1')
    photo('photos/kitchen_2.jpg', 13, '800x600', 'wheat-saddlebrown', 'kitchen 2')
    photo('photos/kitchen_3.jpg', 14, '600x800', 'khaki-maroon', 'kitchen 3')
    photo('photos/river.jpg', 15, '960x540', 'navy-lightblue', 'o rio')
    photo('photos/tiles.jpg', 16, '640x640', 'white-teal', 'azulejos')
    photo('photos/surprise.jpg', 17, '640x480', 'purple-orange', 'surpresa')
    photo('photos/stairs.jpg', 18, '480x853', 'gray30-burlywood', 'stairs')
    video('video_files/walk.mp4', 'mandelbrot', 4, '480x270')
    video('video_files/rain.mp4', 'testsrc2', 3, '320x240')
    video('round_video_messages/hello.mp4', 'testsrc', 2, '240x240')
    ffmpeg('files/wheel.mp4', '-f', 'lavfi', '-i', 'rgbtestsrc=size=240x180:rate=12', '-t', '2', '-vf',
           'hue=H=2*PI*t/2', '-an', '-c:v', 'libx264', '-crf', '34', '-pix_fmt', 'yuv420p',
           '-movflags', '+faststart')
    ffmpeg('voice_messages/note.ogg', '-f', 'lavfi', '-i',
           'aevalsrc=0.4*sin(2*PI*(220+60*sin(2*PI*0.7*t))*t):s=48000', '-t', '5', '-c:a', 'libopus',
           '-b:a', '16k', '-ac', '1')
    run('convert', '-size', '240x240', 'radial-gradient:gold-darkred', '-strip', '-quality', '75',
        os.path.join(ROOT, 'files/cover.jpg'))
    ffmpeg('files/barcarola.mp3', '-f', 'lavfi', '-i',
           'aevalsrc=0.3*sin(2*PI*262*t)+0.2*sin(2*PI*330*t)+0.2*sin(2*PI*392*t):s=44100', '-i',
           os.path.join(ROOT, 'files/cover.jpg'), '-t', '6', '-map', '0', '-map', '1', '-c:a',
           'libmp3lame', '-b:a', '48k', '-c:v', 'copy', '-id3v2_version', '3', '-metadata:s:v',
           'comment=Cover (front)')
    run('convert', '-size', '320x320', 'xc:none', '-fill', 'orange', '-draw', 'circle 160,160 160,20',
        '-fill', 'black', '-draw', 'circle 110,120 110,100', '-draw', 'circle 210,120 210,100',
        '-fill', 'none', '-stroke', 'black', '-strokewidth', '8', '-draw',
        'ellipse 160,190 70,40 10,170', '-strip', os.path.join(ROOT, 'stickers/smile.webp'))
    run('convert', '-size', '640x400', 'gradient:white-lightgray', '-fill', 'none', '-stroke', 'navy',
        '-strokewidth', '3', '-draw', 'rectangle 60,60 300,340', '-draw', 'rectangle 300,60 580,200',
        '-draw', 'rectangle 300,200 580,340', '-strip', os.path.join(ROOT, 'files/plan.png'))
    pdf('files/estimate.pdf', ['Estimate 2024-06', 'Kitchen: 4 200', 'Stairs: 1 150', 'Total: 5 350'])
    write('files/lista.txt', 'azulejos 12 m²\nargamassa 4 sacos\ntinta branca 10 L\n')
    write('files/hours.csv', 'day,hours\n2024-06-03,7\n2024-06-04,8\n2024-06-05,6\n')
    write('files/notes.md', '# Stairs\n\nTread 28 cm, riser 17 cm. Oak, oiled.\n')
    write('contacts/contact_1.vcf', 'BEGIN:VCARD\nVERSION:3.0\nFN:Joaquim Pedreiro\n'
          'TEL;TYPE=CELL:+351900000123\nEND:VCARD\n')
    for name in ('video_files/walk', 'video_files/rain', 'round_video_messages/hello', 'files/wheel'):
        thumb(name + '_thumb.jpg', name + '.mp4')
    thumb('files/cover_thumb.jpg', 'files/cover.jpg')
    os.remove(os.path.join(ROOT, 'files/cover.jpg'))
    photo('channel/photos/cover.jpg', 21, '800x450', 'darkgreen-gold', 'field notes')
    photo('channel/photos/a.jpg', 22, '600x450', 'darkred-pink', 'a')
    photo('channel/photos/b.jpg', 23, '600x450', 'indigo-cyan', 'b')
    video('channel/video_files/c.mp4', 'testsrc2', 2, '240x180')
    thumb('channel/video_files/c_thumb.jpg', 'channel/video_files/c.mp4')
    photo('protected/photos/ledger.jpg', 31, '640x480', 'black-white', 'not to be forwarded')
    pdf('protected/files/contract.pdf', ['Contract', 'Keep this in the group.'])
    photo('private/photos/cat.jpg', 41, '640x480', 'sienna-snow', 'o gato')
    ffmpeg('private/voice_messages/reply.ogg', '-f', 'lavfi', '-i',
           'sine=frequency=180:sample_rate=48000', '-t', '3', '-c:a', 'libopus', '-b:a', '12k', '-ac',
           '1')


# ---- texts ----

def piece(kind, text, **more):
    return dict(type=kind, text=text, **more)


class Chat:
    def __init__(self, name, kind, chat_id, **more):
        self.head = dict(name=name, type=kind, id=chat_id, **more)
        self.messages, self.next_id, self.time = [], 1, START

    def stamp(self, seconds):
        self.time += seconds
        day = subprocess.run(['date', '-u', '-d', f'@{self.time}', '+%Y-%m-%dT%H:%M:%S'], check=True,
                             capture_output=True, text=True).stdout.strip()
        return dict(date=day, date_unixtime=str(self.time))

    def service(self, who, action, **more):
        m = dict(id=self.next_id, type='service', **self.stamp(60), actor=who[1],
                 actor_id=f'user{who[0]}', action=action, **more, text='', text_entities=[])
        return self.add(m)

    def say(self, who, *text, after=180, **more):
        m = dict(id=self.next_id, type='message', **self.stamp(after))
        if who is not None:
            m.update({'from': who[1], 'from_id': f'user{who[0]}'})
        else:
            m.update({'from': self.head['name'], 'from_id': f"channel{self.head['id']}"})
        m.update(more)
        pieces = [t if isinstance(t, dict) else piece('plain', t) for t in text]
        plain = [t['text'] if t['type'] == 'plain' else t for t in pieces]
        m['text'] = plain[0] if len(plain) == 1 and isinstance(plain[0], str) else plain or ''
        if 'entities' not in more:
            m['text_entities'] = pieces
        return self.add(m)

    def add(self, m):
        self.messages.append(m)
        self.next_id += 1
        return m['id']

    def lose(self, count):
        """Deleted messages: their ids are gone."""
        self.next_id += count

    def write(self, folder):
        path = os.path.join(folder, 'result.json')
        write(path, json.dumps(dict(self.head, messages=self.messages), ensure_ascii=False, indent=1)
              + '\n')


def photo_of(name, w, h, **more):
    return dict(photo=f'photos/{name}.jpg', photo_file_size=size_of(f'photos/{name}.jpg'), width=w,
                height=h, **more)


def size_of(path, base=''):
    return os.path.getsize(os.path.join(ROOT, base, path))


def file_of(path, **more):
    return dict(file=path, file_name=os.path.basename(path), file_size=size_of(path), **more)


def make_house():
    c = Chat('Casa do Rio', 'private_supergroup', 1600000001,
             about='Renovation log of a small house / Diário de uma reforma')
    c.service(HELENA, 'create_channel', title='Casa do Rio')
    design = c.service(HELENA, 'topic_created', title='Design', icon_color=0xffd67e)
    works = c.service(HELENA, 'topic_created', title='Obras e fotos', icon_color=0x8eee98)
    sounds = c.service(TOMAS, 'topic_created', title='Sons & music', icon_color=0xcb86db)

    # General
    first = c.say(HELENA, 'Welcome! Everything about the house goes here, sorted by topic. ',
                  piece('bold', 'Bem-vindos'), ' 🏡')
    c.say(TOMAS, 'Obrigado, Helena. Vou pondo as fotos em “Obras e fotos”.',
          reply_to_message_id=first)
    c.say(HELENA, 'The house today. ', piece('italic', 'A casa hoje.'),
          **photo_of('facade', 1024, 768))
    c.say(INES, 'Kinds of text: ', piece('bold', 'bold'), ' ', piece('italic', 'italic'), ' ',
          piece('underline', 'underline'), ' ', piece('strikethrough', 'strike'), ' ',
          piece('spoiler', 'spoiler'), ' ', piece('code', 'code()'), ' ',
          piece('text_link', 'a link', href='https://example.org/casa?x=1&y=2'), ' ',
          piece('mention', '@casadorio'), ' ', piece('hashtag', '#reforma'), ' ',
          piece('cashtag', '$EUR'), ' ', piece('bot_command', '/start'), ' ',
          piece('email', 'casa@example.org'), ' ', piece('phone', '+351900000123'), ' ',
          piece('mention_name', 'Helena', user_id=HELENA[0]))
    c.say(INES, piece('pre', 'for (i = 0; i < 3; i++)\n\tputs("tijolo");', language='c'))
    c.say(INES, '👷🏽‍♀️ negrito com itálico dentro 🇧🇷 e fim',
          entities=[dict(type='bold', offset=8, length=26), dict(type='italic', offset=20, length=7),
                    dict(type='underline', offset=20, length=7),
                    dict(type='spoiler', offset=35, length=4)])
    c.say(TOMAS, piece('blockquote', 'A short quotation, as one reads it.'), '\nand my answer')
    c.say(TOMAS, piece('blockquote', 'Line one\nLine two\nLine three\nLine four', collapsed=True))
    c.say(INES, 'Smile ', piece('custom_emoji', '🙂', document_id='5368324170671202286'), ' from me')
    plan = c.say(HELENA, 'About the river house, see ', piece('link', 'https://example.org/river-house'))
    c.say(HELENA, 'https://example.org/no-preview', no_webpage=True,
          entities=[dict(type='link', offset=0, length=30)])
    c.lose(3)
    c.say(TOMAS, 'Quem vem no sábado?', poll=dict(
        question='Quem vem no sábado?', closed=False, total_voters=3,
        answers=[dict(text='Eu', voters=2, chosen=True), dict(text='Talvez', voters=1, chosen=False),
                 dict(text='Não posso', voters=0, chosen=False)], multiple_choice=True))
    c.messages[-1].update(text='', text_entities=[])
    c.say(HELENA, poll=dict(
        question='How many steps will the stairs have?', closed=False, total_voters=2, quiz=True,
        correct_answer=1, solution=dict(text='2.72 m of height, 17 cm each.',
                                        entities=[dict(type='bold', offset=0, length=6)]),
        answers=[dict(text='14', voters=0, chosen=False), dict(text='16', voters=1, chosen=True),
                 dict(text='18', voters=1, chosen=False)]))
    c.say(TOMAS, location_information=dict(latitude=41.140278, longitude=-8.611111))
    c.say(TOMAS, location_information=dict(latitude=41.1406, longitude=-8.6130),
          live_location_period_seconds=900)
    c.say(HELENA, location_information=dict(latitude=41.143, longitude=-8.609),
          place_name='Café Majestic', address='Rua Santa Catarina 112')
    c.say(HELENA, contact_information=dict(first_name='Joaquim', last_name='Pedreiro',
                                           phone_number='+351900000123'),
          contact_vcard='contacts/contact_1.vcf')
    c.say(INES, dice=dict(emoji='🎲', value=5))
    c.say(INES, file='stickers/smile.webp', thumbnail='(File not included.)', media_type='sticker',
          sticker_emoji='🙂', width=320, height=320)
    c.say(TOMAS, 'Sent without a sound, late at night.', silent=True)
    c.say(HELENA, 'Yes: ', piece('bold', 'river house'), '.', reply_to_message_id=plan,
          quote=dict(text='river house', offset=10))
    c.service(HELENA, 'pin_message', message_id=first)
    c.say(INES, 'A note from somebody else.', forwarded_from='Old Neighbour')
    c.say(INES, 'Edited later: the paint is white.', edited_unixtime=str(c.time + 900),
          edited='2024-06-01T12:00:00')

    # Design
    top = c.say(HELENA, 'Sketches and sizes here.', topic_id=design)
    c.say(HELENA, 'The plan, ', piece('code', '1:50'), topic_id=design,
          **file_of('files/plan.png', mime_type='image/png', width=640, height=400))
    papers = 7100000000000000001
    for i, (path, mime) in enumerate((('files/estimate.pdf', 'application/pdf'),
                                      ('files/lista.txt', 'text/plain'),
                                      ('files/hours.csv', 'text/csv'))):
        c.say(TOMAS, *(['Papers of June / papéis de junho'] if i == 2 else []),
              after=0 if i else 180, topic_id=design, grouped_id=papers,
              **file_of(path, mime_type=mime))
    c.say(INES, 'Are the stairs in it?', reply_to_message_id=top, topic_id=design)
    c.say(HELENA, 'They have a file of their own.', topic_id=design,
          **file_of('files/notes.md', mime_type='text/markdown'))
    c.say(HELENA, 'Caption above the picture ☝️', topic_id=design, caption_above=True,
          **photo_of('stairs', 480, 853))

    # Obras e fotos
    kitchen = 7100000000000000002
    album = None
    for i, name in enumerate(('kitchen_1', 'kitchen_2', 'kitchen_3')):
        w, h = (600, 800) if i == 2 else (800, 600)
        got = c.say(TOMAS, *(['The kitchen, day by day. ', piece('italic', 'A cozinha.')]
                             if i == 0 else []), after=0 if i else 180, topic_id=works,
                    grouped_id=kitchen, **photo_of(name, w, h))
        album = album or got
    c.say(INES, 'Que diferença! 😍', reply_to_message_id=album, topic_id=works)
    mixed = 7100000000000000003
    c.say(TOMAS, 'Photo and film together', topic_id=works, grouped_id=mixed,
          **photo_of('river', 960, 540))
    c.say(TOMAS, after=0, topic_id=works, grouped_id=mixed, media_type='video_file',
          thumbnail='video_files/rain_thumb.jpg', duration_seconds=3, width=320, height=240,
          **file_of('video_files/rain.mp4', mime_type='video/mp4'))
    c.say(TOMAS, 'its second caption', after=0, topic_id=works, grouped_id=mixed,
          **photo_of('tiles', 640, 640))
    c.say(HELENA, 'A walk through the rooms', topic_id=works, media_type='video_file',
          thumbnail='video_files/walk_thumb.jpg', duration_seconds=4, width=480, height=270,
          **file_of('video_files/walk.mp4', mime_type='video/mp4'))
    c.say(INES, 'Não olhem ainda', topic_id=works, media_spoiler=True,
          **photo_of('surprise', 640, 480))
    c.say(INES, topic_id=works, media_type='animation', thumbnail='files/wheel_thumb.jpg',
          duration_seconds=2, width=240, height=180,
          **file_of('files/wheel.mp4', mime_type='video/mp4'))
    c.lose(1)
    c.say(TOMAS, 'Done for this week.', topic_id=works)

    # Sons & music
    c.say(TOMAS, topic_id=sounds, file='voice_messages/note.ogg', media_type='voice_message',
          mime_type='audio/ogg', duration_seconds=5, waveform=waveform())
    c.say(HELENA, topic_id=sounds, file='round_video_messages/hello.mp4', media_type='video_message',
          thumbnail='round_video_messages/hello_thumb.jpg', mime_type='video/mp4', duration_seconds=2,
          width=240, height=240)
    song = c.say(INES, 'For the drive there', topic_id=sounds, media_type='audio_file',
                 performer='Inês', title='Barcarola', thumbnail='files/cover_thumb.jpg',
                 duration_seconds=6, **file_of('files/barcarola.mp3', mime_type='audio/mpeg'))
    c.say(HELENA, 'Linda! 🎶', reply_to_message_id=song, topic_id=sounds)
    c.service(TOMAS, 'pin_message', message_id=song, reply_to_message_id=sounds)
    c.say(TOMAS, 'A text of some length, to fill a line or two, with nothing in it but words: ' +
          ' '.join(['tijolo', 'janela', 'river', 'morning', 'telhado', 'light'] * 12) + '.')
    c.say(HELENA, 'Até segunda 👋')
    c.write('')


def waveform():
    """100 values of 5 bits each, as a voice note carries them: 63 bytes."""
    bits = ''.join(f'{(i * 7 + i * i) % 32:05b}' for i in range(100)).ljust(504, '0')
    return ''.join(f'{int(bits[i:i + 8], 2):02x}' for i in range(0, 504, 8))


def make_others():
    c = Chat('Field notes', 'public_channel', 1600000002, username='fieldnotes',
             about='A channel with a few posts')
    c.service((1600000002, 'Field notes'), 'create_channel', title='Field notes')
    c.say(None, 'First post. ', piece('bold', 'Hello.'))
    c.say(None, 'With a picture', photo='photos/cover.jpg', width=800, height=450)
    c.say(None, 'Two photos and a film', photo='photos/a.jpg', width=600, height=450)
    c.say(None, after=0, photo='photos/b.jpg', width=600, height=450)
    c.say(None, after=0, file='video_files/c.mp4', file_name='c.mp4', media_type='video_file',
          thumbnail='video_files/c_thumb.jpg', mime_type='video/mp4', duration_seconds=2, width=240,
          height=180)
    c.say(None, 'Last post. See ', piece('link', 'example.org/notes'), author='H. D.')
    c.write('channel')

    c = Chat('Closed circle', 'private_supergroup', 1600000003, noforwards=True)
    c.service(HELENA, 'create_channel', title='Closed circle')
    c.say(HELENA, 'What is said here stays here.')
    c.say(TOMAS, photo='photos/ledger.jpg', width=640, height=480)
    c.say(HELENA, 'The contract', file='files/contract.pdf', file_name='contract.pdf',
          mime_type='application/pdf')
    c.write('protected')

    c = Chat('Inês', 'personal_chat', INES[0])
    me = (510000100, 'Me')
    c.say(me, 'Olá, Inês!')
    c.say(INES, 'Oi! O gato manda lembranças.', photo='photos/cat.jpg', width=640, height=480)
    c.say(INES, file='voice_messages/reply.ogg', media_type='voice_message', mime_type='audio/ogg',
          duration_seconds=3)
    c.say(me, 'Give him my regards 🐈', reply_to_message_id=2)
    c.write('private')


if __name__ == '__main__':
    if '--texts' not in sys.argv:
        make_media()
    make_house()
    make_others()
