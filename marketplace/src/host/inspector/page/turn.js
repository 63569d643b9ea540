// The middle, while a turn is chosen: the turn and its causal tree.

let causeRows = null;

function drawTurn() {
  const turn = (causes || null)?.turns.find(turn => turn.id === choice.id) ?? turnIds.get(choice.id);
  const is = `turn ${choice.id}`;
  if (!turn) {
    middleIs = is;
    $("middle").replaceChildren(el("div.empty", causes === false
      ? [el("b", `Turn ${choice.id} is not in the log any more`), "The log keeps the newest turns only."] : "Looking for the turn."));
    return;
  }
  const key = keyOf(turn.vm, turn.pid), { name } = nameOf(key, turn), heard = heardParts(turn);
  if (!middleIs.startsWith("turn") || !$("causes")) {
    const list = el("div.rows", { id: "causes", tabindex: "0", role: "listbox", "aria-label": "Causal tree: each turn below the one that led to it" });
    $("middle").replaceChildren(el("div.upper", el("div")), el("div.cause", el("b", "Causal tree"), el("span", { id: "causes-are" })), list);
    causeRows = new Rows(list, { key: row => row.key, say: row => row.key + (row.id === choice.id) + row.gutter + (row.done && ANSWERS.test(row.done.action) ? heardBy(row.done).map(turn => turn.id) : ""), make: makeCauseRow,
      onChoose: (row, event) => { if (row.id && !event.target.closest("a")) go(turnLink(row.id)); } });
  }
  const fresh = middleIs !== is;
  middleIs = is;
  const led = turn.produced.map(done => heardBy(done).map(turn => turn.id)), before = causedBy(turn), object = turn.object && refName(turn.object);
  keyed($("middle").querySelector(".upper > div"), [{ turn, name, led, object, before: before?.name, names: pathNames(turn.vm) }], () => "turn", () => el("div",
    el("div.trail", trail(turn.vm)),
    el("div.title", el("h2", el("a", { href: processLink(key) }, name ?? "p" + key), el("span.soft", ` turn ${turn.id}`))),
    el("div.facts", el("span", "time ", el("b", String(turn.stamp))),
      turn.cause ? el("span", isAnswer(turn) ? "answered by " : "after ", before && before.name + " ", el("a", { href: turnLink(turn.cause) }, `turn ${turn.cause}`))
        : turn.far_stamp != null ? el("span", `from another vat, at ${turn.far_stamp}`) : el("span", "from outside the program"),
      turn.failed ? el("span.mark", "failed") : null),
    el("dl.told", el("dt", heard.tag || "heard"), el("dd", el("code", withRefs(heard.text || turn.heard)), heard.object && el("div.led", el("span.soft", "as "), refAnchor(heard.object))),
      el("dt", "asked for"), turn.produced.length ? el("dd", turn.produced.map(askedFor), turn.more ? el("span.soft", `and ${count(turn.more)} more`) : null) : el("dd.soft", "nothing"),
      turn.failed ? [el("dt.bad", "failed"), el("dd.bad", el("code", turn.failed))] : null,
      turn.state != null ? [el("dt", "state before"), el("dd", el("code", turn.state))] : null,
      turn.duct ? [el("dt", "duct"), el("dd", turn.duct.map(hop => el("code", hop)))] : null)));
  const rows = causes && causes.ids.has(turn.id) ? layCauses(causes) : [];
  $("causes-are").textContent = rows.length ? plural(causes.turns.length, "turn") + (causes.more ? ` of ${count(causes.turns.length + causes.more)}` : "") : causes === null ? "being fetched" : "";
  causeRows.set(rows);
  $("causes").setAttribute("aria-activedescendant", "c-" + choice.id);
  if (fresh && rows.length) causeRows.reveal(rows.findIndex(row => row.id === choice.id), true);
  else if (fresh) middleIs = is + " empty";
}

const isAnswer = turn => turn.heard.startsWith("hears that a promise ");

/** The turn that led to this one, with the name of who took it. */
function causedBy(turn) {
  const before = turnIds.get(turn.cause) ?? (causes || null)?.turns.find(({ id }) => id === turn.cause);
  if (!before) return null;
  const key = keyOf(before.vm, before.pid);
  return { name: nameOf(key, before).name ?? "p" + key };
}

function turnAnchor(turn, before) {
  const key = keyOf(turn.vm, turn.pid);
  return [" ", el("a.led", { href: turnLink(turn.id) }, before, nameOf(key, turn).name ?? "p" + key, el("span.pid", ` turn ${turn.id}`))];
}

/** An action in full, and where it led. */
function askedFor(produced) {
  const { verb, text, at } = doneParts(produced), led = heardBy(produced), answers = ANSWERS.test(produced.action);
  return el("div.asked", el("code", el("span.soft", verb + " "), withRefs(text)), at && el("span", el("span.soft", answers ? " for " : " to "), refAnchor(at)),
    led.slice(0, LED_SHOWN).map(turn => turnAnchor(turn, answers ? "↩ " : "→ ")),
    led.length > LED_SHOWN ? el("span.soft", ` and ${count(led.length - LED_SHOWN)} more`) : null);
}

/**
 * The rows of a causal tree, each with what is drawn to the left of it. What leads to one turn goes straight on; where it leads to several, these
 * branch off.
 */
function layCauses({ turns, more }) {
  const next = new Map(), ids = new Set(turns.map(turn => turn.id)), rows = [], roots = [];
  for (const turn of turns) {
    if (!ids.has(turn.cause)) roots.push(turn);
    else if (next.has(turn.cause)) next.get(turn.cause).push(turn);
    else next.set(turn.cause, [turn]);
  }
  if (more || roots.some(turn => turn.cause)) rows.push({ key: "earlier", kind: "note", text: more ? `${plural(more, "turn")} of this tree are not shown` : "what came before is not in the log any more", gutter: "", column: 0, trunks: [] });
  const waiting = roots.map(turn => ({ turn, column: 0, trunks: [], branch: "", above: false })).reverse();
  while (waiting.length) {
    const { turn, column, trunks, branch, above } = waiting.pop();
    const after = next.get(turn.id) ?? [], below = after.length > 0;
    rows.push({ key: "t" + turn.id, kind: "turn", id: turn.id, turn, column, trunks, branch, above, below, answer: isAnswer(turn), gutter: trunks.join() + branch + above + below });
    // The trunk that a last branch leaves ends there.
    const along = branch === "last" ? trunks.with(column - 1, false) : trunks;
    for (const done of turn.produced) rows.push({ key: "a" + done.id, kind: "did", done, column, trunks: along, below, gutter: along.join() + below });
    if (turn.failed) rows.push({ key: "f" + turn.id, kind: "fail", text: turn.failed, column, trunks: along, below, gutter: along.join() + below });
    if (after.length === 1) waiting.push({ turn: after[0], column, trunks: along, branch: "", above: true });
    else for (let at = after.length - 1; at >= 0; at--) {
      waiting.push({ turn: after[at], column: column + 1, trunks: [...along, true], branch: at === after.length - 1 ? "last" : "mid", above: false });
    }
  }
  return rows;
}

function gutter({ kind, column, trunks, branch, above, below, answer }) {
  const step = 18, x = at => 9 + at * step, mid = ROW / 2, bits = [], back = [];
  trunks.forEach((goesOn, at) => {
    if (!goesOn) return;
    if (branch && at === column - 1) bits.push(branch === "last" ? `M${x(at)} 0V${mid - 6}` : `M${x(at)} 0V${ROW}`);
    else bits.push(`M${x(at)} 0V${ROW}`);
  });
  // The way of an answer looks otherwise.
  const way = answer ? back : bits;
  if (branch) way.push(`M${x(column - 1)} ${mid - 6}q0 6 6 6H${x(column) - 4}`);
  if (kind === "turn") {
    if (above) way.push(`M${x(column)} 0V${mid - 4}`);
    if (below) bits.push(`M${x(column)} ${mid + 4}V${ROW}`);
  } else if (below) bits.push(`M${x(column)} 0V${ROW}`);
  const width = x(column) + 9;
  return svg("svg", { width, height: ROW, viewBox: `0 0 ${width} ${ROW}`, "aria-hidden": "true" }, svg("path", { d: bits.join("") || "M0 0" }),
    ...(back.length ? [svg("path", { d: back.join(""), class: "back" })] : []),
    ...(kind === "turn" ? [svg("circle", { cx: x(column), cy: mid, r: 4 })] : []));
}

function makeCauseRow(row) {
  if (row.kind === "note") return el("div.row.quiet", row.text);
  if (row.kind === "turn") {
    const { turn } = row;
    return el("div.row" + (row.id === choice.id ? ".chosen" : "") + (turn.failed ? ".failed" : ""), { "data-turn": turn.id, role: "option",
      id: "c-" + turn.id, "aria-selected": String(row.id === choice.id) },
      gutter(row), who(turn), heardCells(turn));
  }
  if (row.kind === "fail") return el("div.row.quiet", gutter(row), el("span.fail", "fails: "), el("code.cut.fail", { title: row.text }, oneLine(row.text)));
  const { verb, text, at } = doneParts(row.done), answers = ANSWERS.test(row.done.action), heard = answers ? heardBy(row.done)[0] : null;
  return el("div.row.quiet.small" + (answers ? ".answers" : ""), gutter(row), el("span.arrow", answers ? "↩" : "→"), verb && el("span", verb), el("code.cut", { title: text }, oneLine(text)),
    at && el("span.as", answers ? "for " : "to ", refName(at)), heard && turnAnchor(heard, "heard by "));
}

/** The arrow keys go from turn to turn, in the stream and in the causal tree. */
$("panes").addEventListener("keydown", event => {
  const list = event.target.id === "stream" ? stream : event.target.id === "causes" ? causeRows : null;
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!list || !by) return;
  event.preventDefault();
  const at = list.items.findIndex(item => item.id === choice.id);
  let next = at < 0 ? (by > 0 ? 0 : list.items.length - 1) : at + by;
  while (list.items[next] && !list.items[next].id) next += by;
  if (!list.items[next]) return;
  go(turnLink(list.items[next].id));
  list.reveal(next);
});

let asking = 0;

async function loadTree() {
  const id = choice.id, ask = ++asking;
  const answer = await request("GET", `/api/tree?turn=${encodeURIComponent(id)}`);
  if (ask !== asking || choice.kind !== "turn" || choice.id !== id) return;
  if (answer.ok) {
    const byAction = new Map(), byPromise = new Map();
    for (const turn of answer.body.turns) noteLinks(turn, byAction, byPromise);
    causes = { ...answer.body, byAction, byPromise, ids: new Set(answer.body.turns.map(turn => turn.id)) };
  }
  else if (answer.status === 404) causes = causes && causes.ids.has(id) ? causes : false;
  drawTree();
  drawMiddle();
}

let growing = null;
function growTree() { growing ??= setTimeout(() => { growing = null; if (choice.kind === "turn") loadTree(); }, 500); }

