"""The table of bench/run and its targets, as Markdown, and the place in a README where it belongs."""

HEAD = ('', 'file', 'MB/s', 'CPU s/GB', 'MB/s a core', 'tgsim CPU s/GB', 'peak RSS',
        'a core: tgclone ÷ it', 'RSS: tgclone ÷ it', 'bytes')
PER_CORE, MEMORY, PLAIN_TIMES = 10, 0.2, 100


def grid(rows):
    """Markdown with columns in line; the first column to the left, numbers to the right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]

    def line(cells):
        parts = [c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in enumerate(zip(cells, widths))]
        return '| ' + ' | '.join(parts) + ' |'

    rule = '|' + '|'.join('-' * (w + 2) if i == 0 else '-' * (w + 1) + ':'
                          for i, w in enumerate(widths)) + '|'
    return '\n'.join([line(rows[0]), rule, *(line(row) for row in rows[1:])])


def number(value):
    return '%.3g' % value if value < 100 else '%.0f' % value


def size_name(size):
    return '%.3g GB' % (size / 1e9) if size >= 1e9 else '%.3g MB' % (size / 1e6)


def cells(row, ours):
    def times(a, b):
        return number(a / b) if ours and b else ''

    note = row['bytes'] + (' (%s)' % row['note'] if row.get('note') else '')
    return (row['name'], size_name(row['size']), number(row['mb_s']), number(row['cpu_s_gb']),
            number(row['mb_s_core']), number(row['far_cpu_s_gb']), '%.0f MB' % row['rss_mb'],
            times(ours and ours['mb_s_core'], row['mb_s_core']),
            times(ours and ours['rss_mb'], row['rss_mb']), note)


def verdict(reached):
    return '**reached**' if reached else '**not reached**'


def targets(rows, plain):
    """A line for each target and each row of ours; nothing where a side is missing."""
    ours = [r for r in rows if r['ours']]
    others = [r for r in rows if not r['ours']]
    old = [r for r in others if r['name'] == plain]
    lines = []
    for row in ours:
        if others:
            best = max(others, key=lambda r: r['mb_s_core'])
            times, share = row['mb_s_core'] / best['mb_s_core'], row['rss_mb'] / best['rss_mb']
            lines.append('%s against %s, the fastest peer: %.1f × the throughput a core, target %d ×: '
                         '%s; %.2f of its memory, target %.2f: %s' % (
                             row['name'], best['name'], times, PER_CORE,
                             verdict(times >= PER_CORE), share, MEMORY, verdict(share <= MEMORY)))
        for other in old:
            times, wall = row['mb_s_core'] / other['mb_s_core'], row['mb_s'] / other['mb_s']
            lines.append('%s against the old script without cryptg: %.0f × a core, %.0f × by the clock, '
                         'target %d ×: %s' % (row['name'], times, wall, PLAIN_TIMES,
                                              verdict(min(times, wall) >= PLAIN_TIMES)))
    return lines


def markdown(result, plain):
    rows = result['rows']
    ours = next((r for r in rows if r['ours']), None)
    m = result['machine']
    text = ['%s, %d CPUs, %s, kernel %s; load before %.1f; best of %d by CPU.' % (
        m['date'], m['cpus'], m['processor'], m['kernel'], m['load_before'], result['rounds']), '']
    if rows:
        text += [grid([HEAD, *(cells(r, ours) for r in rows)]), '']
    text += ['- %s: not run here: %s' % (x['name'], x['why']) for x in result['missing']]
    text += ['- %s: failed: %s' % (x['name'], x['why']) for x in result['failed']]
    text += ['- ' + line for line in targets(rows, plain)]
    return '\n'.join(text).rstrip() + '\n'


def put(readme, mark, text):
    """Text between <!-- mark --> and <!-- /mark --> of a file."""
    old = readme.read_text()
    begin, end = '<!-- %s -->\n' % mark, '<!-- /%s -->' % mark
    head, rest = old.split(begin, 1)
    readme.write_text(head + begin + '\n' + text + '\n' + end + rest.split(end, 1)[1])
