"""Pictures as SVG text, with nothing to install: panels side by side, each with points joined by a line, on
a linear or a logarithmic axis, and a straight dashed line of constant cost a unit to compare with.
"""
import math
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 380, 260
LEFT, RIGHT, TOP, BOTTOM = 58, 16, 34, 44
DOTS = 40  # a line of more points needs none
COLOURS = ('#1f6feb', '#d1242f', '#1a7f37', '#8250df')


def short(value):
    """1500000 as 1.5 M; fractions with three digits."""
    for step, unit in ((1e9, ' G'), (1e6, ' M'), (1e3, ' k')):
        if abs(value) >= step:
            return '%.3g%s' % (value / step, unit)
    return '%.3g' % value


class Axis:
    """Values to 0..1. Linear ones begin at zero, so that flat looks flat. marks: ticks of one's own."""

    def __init__(self, values, log, marks=None):
        self.log = log
        self.marks = marks
        top = max(values)
        if log:
            self.low = math.floor(math.log10(min(values)) + 1e-9)
            self.high = max(math.ceil(math.log10(top) - 1e-9), self.low + 1)
            if marks:
                self.low, self.high = math.log10(marks[0]), math.log10(marks[-1])
        else:
            self.low, self.high = 0, top * 1.3 or 1

    def at(self, value):
        if self.log:
            value = math.log10(value)
        return (value - self.low) / (self.high - self.low)

    def ticks(self):
        if self.marks:
            return self.marks
        if self.log:
            step = max(1, math.ceil((self.high - self.low) / 7))
            return [10.0 ** e for e in range(self.low, self.high + 1, step)]
        rough = self.high / 5
        step = 10.0 ** math.floor(math.log10(rough))
        step *= next(m for m in (1, 2, 5, 10) if m * step >= rough)
        return [i * step for i in range(int(self.high / step) + 1)]


class Panel:
    """lines: {name: [(x, y)]}. proportional: y as x through the last point, dashed."""

    def __init__(self, title, x_name, y_name, lines, x_marks=None, y_log=False,
                 proportional=False, x_log=True):
        self.title, self.x_name, self.y_name = title, x_name, y_name
        self.lines = {name: points for name, points in lines.items() if points}
        self.proportional = proportional
        points = [p for line in self.lines.values() for p in line]
        self.x = Axis([p[0] for p in points], x_log, x_marks)
        self.y = Axis([p[1] for p in points], y_log)

    def place(self, x, y):
        return (LEFT + self.x.at(x) * (WIDTH - LEFT - RIGHT),
                HEIGHT - BOTTOM - self.y.at(y) * (HEIGHT - TOP - BOTTOM))

    def frame(self):
        right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
        yield text(WIDTH / 2, 18, self.title, size=13, weight='bold')
        for value in self.x.ticks():
            x = LEFT + self.x.at(value) * (right - LEFT)
            yield stroke(x, TOP, x, bottom, '#e5e7eb')
            yield text(x, bottom + 15, short(value))
        for value in self.y.ticks():
            y = bottom - self.y.at(value) * (bottom - TOP)
            yield stroke(LEFT, y, right, y, '#e5e7eb')
            yield text(LEFT - 6, y + 4, short(value), anchor='end')
        yield text((LEFT + right) / 2, HEIGHT - 10, self.x_name)
        yield text(LEFT - 44, TOP - 12, self.y_name, anchor='start')

    def ideal(self, points, colour):
        """y in proportion to x through the last point, down to the edge of the panel."""
        x_end, y_end = points[-1]
        floor = 10.0 ** self.y.low if self.y.log else 0
        x = max(points[0][0], x_end * floor / y_end)
        a, b = self.place(x, y_end * x / x_end), self.place(x_end, y_end)
        return stroke(*a, *b, colour, dash=True)

    def draw(self):
        yield from self.frame()
        for i, (name, points) in enumerate(self.lines.items()):
            colour = COLOURS[i % len(COLOURS)]
            if self.proportional:
                yield self.ideal(points, colour)
            places = [self.place(*p) for p in points]
            yield '<polyline fill="none" stroke="%s" stroke-width="1.8" points="%s"/>' % (
                colour, ' '.join('%.1f,%.1f' % p for p in places))
            for x, y in places if len(places) <= DOTS else ():
                yield '<circle cx="%.1f" cy="%.1f" r="3" fill="%s"/>' % (x, y, colour)
            if len(self.lines) > 1:
                yield text(LEFT + 8, TOP + 14 + 15 * i, name, anchor='start', fill=colour)


def text(x, y, words, anchor='middle', size=11, weight='normal', fill='#24292f'):
    return ('<text x="%.1f" y="%.1f" text-anchor="%s" font-size="%d" font-weight="%s" fill="%s">%s'
            '</text>' % (x, y, anchor, size, weight, fill, escape(words)))


def stroke(x1, y1, x2, y2, colour, dash=False):
    return '<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s"%s/>' % (
        x1, y1, x2, y2, colour, ' stroke-dasharray="5 4" stroke-opacity="0.6"' if dash else '')


def picture(panels):
    """The panels in a row, on white, as one SVG document."""
    width = WIDTH * len(panels)
    out = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" '
           'font-family="system-ui, sans-serif" stroke="none">' % (width, HEIGHT, width, HEIGHT),
           '<rect width="100%" height="100%" fill="#ffffff"/>']
    for i, panel in enumerate(panels):
        out += ['<g transform="translate(%d 0)">' % (i * WIDTH), *panel.draw(), '</g>']
    return '\n'.join([*out, '</svg>']) + '\n'
