"""A definition as a picture: one column that reads from top to bottom, as well on a phone as on a desk."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from textwrap import wrap

from reviewflow.workflow import graph
from reviewflow.workflow.definition import Definition, State

HERE = "The case is here"

MARGIN, LANE, BOX, INDENT, TRUNK = 10, 13, 250, 34, 17
LINE, PADDING, GAP, LABEL = 20, 8, 16, 17
LETTERS_IN_A_BOX, LETTERS_IN_A_LABEL = 27, 32
INK, PAPER, QUIET, NOW = "#0b0c0c", "#ffffff", "#f3f2f1", "#1d70b8"


@dataclass(frozen=True)
class Way:
    """The triggers that lead from one state to another, drawn as one arrow."""

    source: str
    target: str
    titles: tuple[str, ...]


@dataclass(frozen=True)
class Box:
    """A state on the picture, in units of about a pixel."""

    state: State
    lines: tuple[str, ...]
    left: int
    top: int
    width: int

    @property
    def height(self) -> int:
        return LINE * len(self.lines) + 2 * PADDING

    @property
    def middle(self) -> int:
        return self.top + self.height // 2

    @property
    def bottom(self) -> int:
        return self.top + self.height


@dataclass(frozen=True)
class Plan:
    """Who stands where: the states in order, the arrows down the trunk, and those in lanes beside it."""

    order: tuple[str, ...]
    trunk: Mapping[tuple[str, str], Way]
    back: tuple[tuple[Way, int], ...]
    out: tuple[tuple[Way, int], ...]


def svg(definition: Definition, present: str | None = None) -> str:
    """Inline SVG with a title and a description; the `present` state is marked in colour and in words.

    It needs no style sheet and no script. The open states stand in the order of the file; each final state
    hangs below the first state that leads to it.
    """
    plan = _plan(definition)
    boxes = _boxes(definition, plan, present)
    width = MARGIN + max(box.left + box.width for box in boxes.values()) + LANE * _count(plan.out)
    height = max(box.bottom for box in boxes.values()) + MARGIN
    name = f"picture-of-{definition.name}-v{definition.version}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="definition-picture" viewBox="0 0 {width} {height}"'
        f' width="{width}" height="{height}" role="img" aria-labelledby="{name}-title {name}-words"'
        ' font-family="inherit" font-size="15">',
        f'<title id="{name}-title">{escape(definition.title)}, version {definition.version}</title>',
        f'<desc id="{name}-words">{escape(_described(definition, plan, present))}</desc>',
        *_trunk(definition, plan, boxes),
        *(_beside(boxes, way, lane, to_the_left=True) for way, lane in plan.back),
        *(_beside(boxes, way, lane, to_the_left=False) for way, lane in plan.out),
        *(_box(box, box.state.name == present) for box in boxes.values()),
        "</svg>",
    ]
    return "\n".join(parts)


def _described(definition: Definition, plan: Plan, present: str | None) -> str:
    titles = "; ".join(definition.states[name].title for name in plan.order)
    here = f" {HERE}: {definition.states[present].title}." if present else ""
    return f"The stages from first to last: {titles}.{here}"


def _plan(definition: Definition) -> Plan:
    ways = _ways(definition)
    order = _order(definition, ways)
    open_states = [name for name in order if not definition.states[name].final]
    homes = {way.target: way.source for way in reversed(ways) if definition.states[way.target].final}
    down = {*pairwise(open_states), *((s, t) for t, s in homes.items())}
    beside = [way for way in ways if (way.source, way.target) not in down]
    return Plan(
        order=order,
        trunk={(way.source, way.target): way for way in ways if (way.source, way.target) in down},
        back=_in_lanes([way for way in beside if not definition.states[way.target].final], order),
        out=_in_lanes([way for way in beside if definition.states[way.target].final], order),
    )


def _ways(definition: Definition) -> list[Way]:
    """Every pair of states with an arrow between them, ordered by the source's place in the file."""
    titles: dict[tuple[str, str], list[str]] = {}
    for move in graph.moves(definition):
        known = titles.setdefault((move.source, move.target), [])
        title = definition.triggers[move.trigger].title
        if title not in known:
            known.append(title)
    places = list(definition.states)
    pairs = sorted(titles, key=lambda pair: places.index(pair[0]))
    return [Way(source, target, tuple(titles[source, target])) for source, target in pairs]


def _order(definition: Definition, ways: Sequence[Way]) -> tuple[str, ...]:
    order: list[str] = []
    for name in definition.open_states():
        order.append(name)
        ends = [w.target for w in ways if w.source == name and definition.states[w.target].final]
        order.extend(end for end in ends if end not in order)
    return tuple(order)


def _in_lanes(ways: Sequence[Way], order: Sequence[str]) -> tuple[tuple[Way, int], ...]:
    """Arrows into one box share a lane, others have their own where they pass; short ones stay close."""
    spans: dict[str, tuple[int, int]] = {}
    for way in ways:
        rows = [order.index(way.source), order.index(way.target), *spans.get(way.target, ())]
        spans[way.target] = min(rows), max(rows)
    lanes: dict[str, int] = {}
    for target, (first, last) in sorted(spans.items(), key=lambda item: item[1][1] - item[1][0]):
        passing = {lanes[other] for other in lanes if spans[other][0] <= last and first <= spans[other][1]}
        lanes[target] = next(lane for lane in range(len(spans)) if lane not in passing)
    return tuple((way, lanes[way.target]) for way in ways)


def _count(placed: Collection[tuple[Way, int]]) -> int:
    return max((lane + 1 for _, lane in placed), default=0)


def _boxes(definition: Definition, plan: Plan, present: str | None) -> dict[str, Box]:
    left = MARGIN + LANE * _count(plan.back)
    top = MARGIN
    boxes: dict[str, Box] = {}
    for name in plan.order:
        state = definition.states[name]
        indent = INDENT if state.final else 0
        labels = [] if state.final else _label(plan, name)
        top += LABEL * len(labels) + (GAP if boxes else 0)
        lines = wrap(state.title, LETTERS_IN_A_BOX - indent // 9) + ([HERE] if name == present else [])
        boxes[name] = Box(state, tuple(lines), left + indent, top, BOX - indent)
        top = boxes[name].bottom
    return boxes


def _label(plan: Plan, target: str) -> list[str]:
    """What is done to come here down the trunk, in at most two lines."""
    titles = [title for (_, t), way in plan.trunk.items() if t == target for title in way.titles]
    lines = wrap("; ".join(titles), LETTERS_IN_A_LABEL)
    return lines if len(lines) <= 2 else [lines[0], f"{lines[1][: LETTERS_IN_A_LABEL - 1]}…"]


def _trunk(definition: Definition, plan: Plan, boxes: Mapping[str, Box]) -> Iterator[str]:
    for (source, target), way in plan.trunk.items():
        start, end = boxes[source], boxes[target]
        x = start.left + TRUNK
        if definition.states[target].final:
            path = f"M{x} {start.bottom}V{end.middle}H{end.left - 7}"
            yield _arrow(way, path, _head_right(end.left, end.middle))
            continue
        yield _arrow(way, f"M{x} {start.bottom}V{end.top - 7}", _head_down(x, end.top))
        lines = _label(plan, target)
        for number, line in enumerate(lines):
            y = end.top - GAP + 5 - LABEL * (len(lines) - 1 - number)
            yield f'<text x="{x + 12}" y="{y}" font-size="13" fill="{INK}">{escape(line)}</text>'


def _beside(boxes: Mapping[str, Box], way: Way, lane: int, *, to_the_left: bool) -> str:
    """An arrow through a lane: out of the lower half of a box, into the upper half of another."""
    start, end = boxes[way.source], boxes[way.target]
    leaves, arrives = start.middle + 8, end.middle - 8
    if to_the_left:
        x = start.left - LANE * (lane + 1)
        path = f"M{start.left} {leaves}H{x}V{arrives}H{end.left - 7}"
        return _arrow(way, path, _head_right(end.left, arrives), dashed=arrives < leaves)
    right = end.left + end.width
    x = right + LANE * (lane + 1)
    path = f"M{start.left + start.width} {leaves}H{x}V{arrives}H{right + 7}"
    return _arrow(way, path, f"M{right} {arrives}l8 -4v8z", dashed=arrives < leaves)


def _head_right(x: int, y: int) -> str:
    return f"M{x} {y}l-8 -4v8z"


def _head_down(x: int, y: int) -> str:
    return f"M{x} {y}l-4 -8h8z"


def _arrow(way: Way, path: str, head: str, *, dashed: bool = False) -> str:
    dashes = ' stroke-dasharray="5 3"' if dashed else ""
    return (
        f"<g><title>{escape('; '.join(way.titles))}</title>"
        f'<path d="{path}" fill="none" stroke="{INK}" stroke-width="1.5"{dashes}/>'
        f'<path d="{head}" fill="{INK}"/></g>'
    )


def _box(box: Box, is_present: bool) -> str:
    fill, ink = (NOW, PAPER) if is_present else (QUIET if box.state.final else PAPER, INK)
    round_by = box.height // 2 if box.state.final and len(box.lines) == 1 else 14 if box.state.final else 3
    texts = []
    for number, line in enumerate(box.lines):
        weight = ' font-weight="bold"' if is_present and line == HERE else ""
        y = box.top + PADDING + LINE * number + 15
        texts.append(f'<text x="{box.left + 12}" y="{y}" fill="{ink}"{weight}>{escape(line)}</text>')
    return (
        f'<g data-state="{box.state.name}"><rect x="{box.left}" y="{box.top}" width="{box.width}"'
        f' height="{box.height}" rx="{round_by}" fill="{fill}" stroke="{INK}"'
        f' stroke-width="{3 if is_present else 1.5}"/>{"".join(texts)}</g>'
    )
