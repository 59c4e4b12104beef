"""What became of a job, by tgsim's dumps of both chats and the ledger's rows: nothing lost, doubled, moved or changed
unless that is told; and what verify says is what stands there."""
import json
import pathlib
import shutil
import sqlite3
import subprocess
import tempfile

DONE = 5
SKIPPED = 6
# What a row may be skipped for, and what must have been so for it.
REASONS = (
    ('service message', lambda court, id: id in court.source and court.source[id].service),
    ('deleted at the source', lambda court, id: id in court.gone),
    ('protected', lambda court, id: court.job.protected),
    ('rebuild', lambda court, id: court.job.rebuilt),
    ('file reference cannot be renewed', lambda court, id: court.job.stale),
    ('not sent by the server', lambda court, id: id in court.gone),  # gone while it was forwarded
    ('MESSAGE_ID_INVALID', lambda court, id: id in court.gone),
    ('sent before and deleted since', lambda court, id: court.job.removed),
)
CODES = ('MEDIA_INVALID', 'MEDIA_EMPTY', 'MESSAGE_EMPTY')


class Message:
    """One of a dump: its content for comparison, and its place."""

    def __init__(self, plain, content):
        self.id, self.service = plain['id'], 'service' in plain
        self.sender, self.album = plain.get('from'), plain.get('album')
        self.topic, self.title = plain.get('topic_id', 0), plain.get('topic')
        self.reply = plain.get('reply', {}).get('id', 0)
        content = {k: v for k, v in (content or {}).items() if k not in ('n', 'album', 'reply', 'topic')}
        if content.get('media', {}).get('kind') == 'webpage':
            del content['media']  # a link's preview is made by the server, or not
        self.content = json.dumps(content, sort_keys=True)


def dump(sim, chat, *options):
    try:
        return sim.dump(chat, *options)
    except subprocess.CalledProcessError:
        assert chat == 'me'  # nothing was ever said there
        return []


def look(sim, chat, topic=0):
    """{id: Message} in order; only of that topic, if one is named."""
    canonical = {m['n']: m for m in dump(sim, chat, '--canonical') if 'n' in m}
    all = [Message(m, canonical.get(m.get('n'))) for m in dump(sim, chat) if 'n' in m or 'service' in m]
    return {m.id: m for m in all if topic in (0, m.topic)}


def asked(path, query):
    """Of a ledger, which may be in use: a copy of it is read."""
    with tempfile.TemporaryDirectory() as folder:
        to = pathlib.Path(folder) / 'copy'
        for end in ('', '-wal'):
            if path.with_name(path.name + end).exists():
                shutil.copy(path.with_name(path.name + end), to.with_name('copy' + end))
        with sqlite3.connect(to) as db:
            found = db.execute(query).fetchall()
        db.close()
    return found


def ends_of(path):
    """Source, target and generation; none when it was never whole."""
    try:
        return list(asked(path, 'SELECT source, target, generation FROM job')[0])
    except (sqlite3.Error, IndexError):
        return []


def rows(path):
    """{source id: (state, target id, reason)}"""
    return {id: (state, target, bytes(reason).split(b'\0')[0].decode())
            for id, state, target, reason in asked(path, 'SELECT source_id, state, target_id, reason FROM row')}


def in_doubt(rows):
    return sum(state == SKIPPED and reason.startswith('rebuild') for state, _, reason in rows.values())


class Court:
    """job: what judge_jobs knows of its life (class Job there)."""

    def __init__(self, job, path):
        self.job, self.rows = job, rows(path)
        self.source = look(job.sim, job.source, job.source_topic)
        self.target = look(job.sim, job.target)
        self.gone = job.gone
        self.must, self.may = {}, set()  # what verify must find fault with, and what it may

    def where(self, id):
        near = {i: row for i, row in self.rows.items() if id - 4 <= i <= id + 4}
        return 'message %d %s, rows %s' % (id, self.source[id].content if id in self.source else 'gone', near)

    def fault(self, id, what):
        self.must.setdefault(id, what)

    # ---- each message ----

    def skipped(self, id, reason):
        fine = any(reason.startswith(word) and so(self, id) for word, so in REASONS)
        assert fine or self.job.refused and reason.startswith(CODES), 'skipped for no reason: ' + self.where(id)

    def done(self, id, target, note):
        source, copy = self.source.get(id), self.target.get(target)
        if copy is None:
            assert target in self.job.removed, 'its copy is not there: ' + self.where(id)
            self.fault(id, 'gone')
            return
        whole = note in ('', 'found in the target')
        if source is None:
            return
        if not whole:
            self.may.add(id)
            self.noted(id, target, note)
        elif copy.content != source.content:
            versions = self.job.versions.get(id, ())
            assert copy.content in versions, 'the copy says something else: %s\n%s' % (self.where(id), copy.content)
            self.fault(id, 'changed since')
        if whole:
            self.answers(id, source, copy)

    def noted(self, id, target, note):
        """What is said to be lost is lost for a reason."""
        state, parent, _ = self.rows.get(self.source[id].reply, (0, 0, ''))
        if 'is not in the target' in note:  # then it was not there when its answer went
            known = state == DONE and parent < target and parent not in self.job.removed
            assert not known or self.job.rebuilt, 'what it answers was there: ' + self.where(id)

    def answers(self, id, source, copy):
        state, parent, _ = self.rows.get(source.reply, (0, 0, ''))
        wanted = parent if state == DONE else 0
        inside = copy.reply if copy.reply != copy.topic or copy.topic == 0 else 0
        asks = source.reply if source.reply != source.topic or source.topic == 0 else 0
        if not asks:
            assert inside == 0, 'it answers %d, and should answer none: %s' % (inside, self.where(id))
        elif inside != wanted and not (source.album and wanted == 0):
            self.fault(id, 'reply')
            # A basic group answers a text too shortly to say that what it answered was gone.
            gone = self.rows.get(source.reply, (0, 0))[1] in self.job.removed
            assert gone or self.job.retried or self.job.rebuilt or self.job.ranged, 'reply %d, should be %d: %s' % (
                inside, wanted, self.where(id))

    # ---- all of them ----

    def order(self):
        """In each life what is new ascends as its sources do. First comes what an earlier life left open, and behind
        that what its --from left out."""
        of = {target: id for id, (state, target, _) in self.rows.items() if state == DONE}
        begin = 0
        for end in (*self.job.ends, 1 << 31):
            new = [of[t] for t in sorted(of) if begin < t <= end]
            down = [(a, b) for a, b in zip(new, new[1:]) if b < a]
            assert len(down) <= self.job.ranged, 'order: of one life come %s' % new
            begin = end

    def albums(self):
        whole = [(id, self.target[target]) for id, (state, target, note) in sorted(self.rows.items())
                 if state == DONE and target in self.target and note in ('', 'found in the target') and id in self.source]
        for (a, x), (b, y) in zip(whole, whole[1:]):
            one = self.source[a].album is not None and self.source[a].album == self.source[b].album
            got = x.album is not None and x.album == y.album
            assert one == got, 'album of %d and %d: %s there, %s here' % (a, b, one, got)

    def topics(self):
        """Messages of one topic are in one, of two in two."""
        seen = {}
        for id, (state, target, note) in self.rows.items():
            if state == DONE and target in self.target and id in self.source:
                seen.setdefault(self.source[id].topic, set()).add(self.target[target].topic)
        if self.job.target_topic or not self.job.target_forum:
            assert all(t == {self.job.target_topic or min(t)} for t in seen.values()), seen
            return
        if self.job.topics_harmed:
            return
        assert all(len(t) == 1 for t in seen.values()), 'topics are mixed: %s' % seen
        made = [t for topic in seen.values() for t in topic]
        assert len(made) == len(set(made)) or not self.job.source_forum, 'topics are one: %s' % seen

    def doubled(self):
        known = {target for state, target, _ in self.rows.values() if target}
        extra = [m for m in self.target.values() if not m.service and m.id not in known and m.id not in self.job.others]
        spare = in_doubt(self.rows)
        if self.job.forgets:  # a retry of what is in doubt, without a look, sends it to a server that knows no more of it
            spare += self.job.again_asked
        if self.job.rebuilt:  # of what is gone, or was edited, nobody knows any more whether that is its copy
            spare += len(self.gone) + len(self.job.versions)
        assert len(extra) <= spare, 'sent, and in no row: %s' % [(m.id, m.content) for m in extra]
        self.extra = {m.id for m in extra}

    def judge(self):
        for id, message in self.source.items():
            state, target, note = self.rows.get(id, (None, 0, ''))
            assert state in (DONE, SKIPPED), 'came to no end: ' + self.where(id)
        for id, (state, target, note) in self.rows.items():
            (self.skipped(id, note) if state == SKIPPED else self.done(id, target, note))
        given = [target for state, target, _ in self.rows.values() if state == DONE]
        twice = sorted(id for id, row in self.rows.items() if row[0] == DONE and given.count(row[1]) > 1)
        assert not twice, 'two rows have one copy: %s' % [self.where(id) for id in twice]
        self.doubled()
        self.order()
        self.albums()
        self.topics()

    def excused(self, text):
        """What verify may say of a copy that is what it should be: a ledger that was made anew cannot know everything."""
        job = self.job
        return (text.startswith('the same as') and job.rebuilt or 'topic' in text and job.topics_harmed or
                # In doubt, retried, and it was there: that it came first by a range nobody knows any more.
                text.startswith('order') and job.rebuilt and job.retried and job.ranged)

    def agree(self, code, events):
        """verify's words against our own view."""
        faults = {e['source_id']: e['text'] for e in events if e['event'] == 'fault'}
        end = events[-1]
        wrong = {id: what for id, what in self.must.items() if id in self.source and id not in faults}
        assert not wrong, 'verify missed: %s of %s' % (wrong, events)
        false = [(id, text, self.where(id)) for id, text in faults.items()
                 if id not in self.may and id not in self.must and not self.excused(text)]
        assert not false, 'verify finds fault: %s' % false
        assert (code == 0) == (not faults), (code, faults)
        assert end['event'] == 'verified' and end['messages'] == len(self.source), (end, len(self.source))
        skipped = sum(state == SKIPPED for id, (state, _, _) in self.rows.items() if id in self.source)
        assert end['skipped'] == skipped and end['missing'] == end['open'] == 0, (end, skipped)
