// The stream of turns.

const HEARD = [
  [/^hears message (.*)$/s, "message", ""], [/^hears feedback (.*)$/s, "feedback", ""],
  [/^hears presence of (.*)$/s, "presence", "came"], [/^hears absence of (.*)$/s, "absence", "went"],
  [/^hears vacancy: (.*)$/s, "vacancy", ""], [/^hears reply (.*)$/s, "reply", ""],
  [/^hears that no reply comes (.*)$/s, "no reply", "went"], [/^hears that its child (.*)$/s, "its child", ""],
  [/^hears that what it gave (.*)$/s, "what it gave", "went"],
  [/^hears that a promise gives (.*)$/s, "answer", "answer"], [/^hears that a promise is broken: (.*)$/s, "broken", "broken"], [/^boots$/, "boots", "came"], [/^goes on$/, "goes on", ""],
];
const DONE = /^(sends message|sends feedback|sends|adds|deletes|refuses|spawns|quits|at meta level:|passes|gives no answer|gives|goes on|answers with an error:|answers|waits for|makes|closes|delivers what waits at|tells that|drops)(?: (.*))?$/s;
const ANSWERS = /^answers /, FOLLOWS = /^answers (ref#x?\d+)(?:,|$)/;
/** How many promises are followed from an answer to who heard it. */
const FOLLOWED = 20;

/** What a turn heard: a word for it, and the rest. What an object heard says which object. */
function heardParts({ heard, object }) {
  if (object) {
    const end = ` as ${object}`;
    if (heard === `hears that nobody has ${object}`) return { tag: "released", kind: "went", text: object };
    return { tag: "delivery", kind: "", text: withoutEnd(heard.slice("hears ".length), end), object };
  }
  for (const [pattern, tag, kind] of HEARD) {
    const found = pattern.exec(heard);
    if (found) return { tag, kind, text: found[1] ?? "" };
  }
  return { tag: "", kind: "", text: heard };
}

/** What a turn asked for: a verb, the rest, and the object or promise at which it is aimed. */
function doneParts({ action, at }) {
  const found = DONE.exec(action);
  if (!found) return { verb: "", text: action, at: null };
  const [, verb, rest = ""] = found;
  if (!at || rest === at) return { verb, text: rest, at: null };
  const text = withoutEnd(withoutEnd(rest, ` to ${at}`), `, for ${at}`);
  return { verb, text, at: text === rest ? null : at };
}

const withoutEnd = (text, end) => text.endsWith(end) ? text.slice(0, -end.length) : text;

const oneLine = text => text.length > 400 ? text.slice(0, 400) + "…" : text;

function who(turn) {
  const { vm, pid } = turn, key = keyOf(vm, pid), { name, hint } = nameOf(key, turn);
  const title = [...pathNames(vm), name ?? hint].join(" › ");
  return el("span.actor", { title }, el("span.who.cut", name ?? (hint ? el("span.anon", oneLine(hint)) : "")), el("span.pid", "p" + key));
}

function heardCells(turn) {
  const { tag, kind, text, object } = heardParts(turn);
  return [tag && el("span.tag" + (kind ? "." + kind : ""), tag), text && el("code.cut", { title: text }, roleParts(oneLine(text))),
    object && el("span.as.by", { title: `heard by ${refName(object)}` }, refName(object))];
}

/** Where the answers of a turn went: to the turns that heard them, as far as these are known. */
function answersOf(turn) {
  return turn.produced.filter(({ action }) => ANSWERS.test(action)).map(answer => ({ at: answer.at, heard: heardBy(answer) }));
}

/** The turns that heard an answer. If it is a promise, they hear what that is settled with, later. */
function heardBy(answer) {
  for (let left = FOLLOWED; left > 0; left--) {
    const heard = ledTo(answer.id);
    if (heard.length || !answer.at) return heard;
    const [, follows] = FOLLOWS.exec(answer.action) ?? [];
    const next = follows && answersFor(follows);
    if (!next) return [];
    answer = next;
  }
  return [];
}

/** The arrow of an answer, to the first who heard it. */
function answerArrow(turn) {
  const answers = answersOf(turn);
  if (!answers.length) return null;
  const to = answers.flatMap(({ heard }) => heard), first = to[0];
  if (!first) return el("span.did.back", { title: "it answers, and nobody is known to have heard it" }, "↩");
  const name = nameOf(keyOf(first.vm, first.pid), first).name ?? "p" + keyOf(first.vm, first.pid);
  return el("span.did.back", { "data-go": turnLink(first.id), title: `its answer is heard by ${name}, in turn ${first.id}` }, "↩ " + name + (to.length > 1 ? ` +${to.length - 1}` : ""));
}

/** The answer that settles a promise. */
const answersFor = ref => byPromise.get(ref) ?? (causes || null)?.byPromise.get(ref);

/** Notes to what the turn leads, and what its answers settle. */
function noteLinks(turn, byAction, byPromise) {
  if (turn.action) listed(byAction, turn.action).push(turn);
  for (const done of turn.produced) if (done.at && ANSWERS.test(done.action)) byPromise.set(done.at, done);
}

/** The turns to which an action led, the oldest first. */
function ledTo(action) {
  const found = new Map();
  for (const turn of [...(byAction.get(action) ?? []), ...((causes || null)?.byAction.get(action) ?? [])]) found.set(turn.id, turn);
  return [...found.values()].sort((a, b) => a.stamp - b.stamp);
}

/** The topic is what matters of a role. */
function roleParts(text) {
  const [, side, rest] = /^((?:no )?(?:publisher|subscriber) )(.*)$/s.exec(text) ?? [];
  if (!side) return [text];
  const why = rest.endsWith(")") ? rest.lastIndexOf(" (") : -1;
  const normal = why > 0 && /^ \((normal|changed|shutdown)\)$/.test(rest.slice(why));
  return why > 0 ? [el("span.soft", side), rest.slice(0, why), el(normal ? "span.soft" : "span.why", rest.slice(why))] : [el("span.soft", side), rest];
}

function makeTurnRow(turn) {
  if (turn.gap) return el("div.row.quiet", el("span.stamp", "…"), plural(turn.gap, "turn") + " left out: more happened than can be shown");
  return el("div.row" + (turn.failed ? ".bad" : "") + (isChosenTurn(turn) ? ".chosen" : ""), { role: "option", id: "s-" + turn.id, "aria-selected": String(isChosenTurn(turn)) },
    el("span.stamp.num", String(turn.stamp)), who(turn), heardCells(turn), outcomeCells(turn, "fails"));
}

/** Where a turn's answers went, and how much else it asked for, or that it failed. */
function outcomeCells(turn, fails) {
  const answers = answersOf(turn).length, others = turn.produced.length + (turn.more ?? 0) - answers;
  const said = turn.produced.map(({ action }) => action).join("\n");
  return [el("span.did.grow"), answerArrow(turn), turn.failed ? el("span.did.fail.cut", { title: turn.failed }, fails) : others > 0 ? el("span.did", { title: said }, "→ " + others) : null];
}

const isChosenTurn = turn => choice.kind === "turn" && turn.id === choice.id;
const turnKey = turn => turn.gap ? "gap-" + turn.stamp : turn.id;
const turnSaid = turn => turn.gap ? String(turn.gap)
  : [turn.id, isChosenTurn(turn) ? "c" : "", turn.failed ? "f" : "", answersOf(turn).flatMap(({ heard }) => heard.map(({ id }) => id)), turn.object ? refName(turn.object) : ""].join();

const stream = new Rows($("stream"), {
  key: turnKey, say: turnSaid, make: makeTurnRow,
  onChoose: (turn, event) => { if (!turn.gap) go(event.target.closest("[data-go]")?.dataset.go ?? turnLink(turn.id)); },
});
let following = true, unseen = 0;

/** Which turns are wanted. */
function wantedTurns() {
  const find = $("find").value.trim().toLowerCase(), only = $("only").getAttribute("aria-pressed") === "true" ? onlyKey : null;
  if (!find && only == null) return turns;
  return turns.filter(turn => {
    if (turn.gap) return false;
    const key = keyOf(turn.vm, turn.pid);
    if (only != null && key !== only && !(only === "" || key.startsWith(only + "/"))) return false;
    return !find || `${turn.heard} ${turn.object ? refName(turn.object) : ""} ${plainName(turn.name) ?? turn.function ?? ""} p${key} ${turn.failed ?? ""}`.toLowerCase().includes(find);
  });
}

function addTurns(fresh) {
  let added = 0, changed = false;
  for (const turn of fresh) {
    active.set(keyOf(turn.vm, turn.pid), performance.now());
    const known = turnIds.get(turn.id);
    // Told again: it has failed since.
    if (known) { changed ||= known.failed !== turn.failed; Object.assign(known, turn); continue; }
    turnIds.set(turn.id, turn);
    noteLinks(turn, byAction, byPromise);
    let at = turns.length;
    while (at > 0 && turns[at - 1].stamp > turn.stamp) at--;
    turns.splice(at, 0, turn);
    added++;
  }
  trimTurns();
  if (added || changed) { unseen += added; drawStream(); }
  if (causes && fresh.some(turn => causes.ids.has(turn.cause) && !causes.ids.has(turn.id))) growTree();
}

function trimTurns() {
  const over = turns.length - TURNS_KEPT;
  if (over <= 0) return;
  const before = following ? null : stream.items[Math.floor($("stream").scrollTop / ROW)];
  for (const turn of turns.splice(0, over)) forgetTurn(turn);
  // Who reads further up goes on reading there.
  if (before) { const at = wantedTurns().indexOf(before); if (at >= 0) $("stream").scrollTop = at * ROW + $("stream").scrollTop % ROW; }
}

function forgetTurn(turn) {
  turnIds.delete(turn.id);
  for (const done of turn.produced) if (byPromise.get(done.at) === done) byPromise.delete(done.at);
  const led = byAction.get(turn.action);
  if (!led) return;
  led.splice(led.indexOf(turn), 1);
  if (!led.length) byAction.delete(turn.action);
}

function drawStream() {
  const wanted = wantedTurns();
  // What is hidden has no height, so no rows are drawn in it.
  $("stream").hidden = !wanted.length;
  stream.set(wanted);
  $("stream").setAttribute("aria-activedescendant", choice.kind === "turn" ? "s-" + choice.id : "");
  if (following) { stream.toEnd(); unseen = 0; }
  $("follow").hidden = following;
  $("follow").textContent = unseen ? `${plural(unseen, "new turn")} ↓` : "Newest ↓";
  const why = wanted.length ? null
    : turns.length ? ["Nothing matches", `Among the last ${plural(turns.length, "turn")} there is no such one.`]
    : !dump ? null
    : !dump.logging ? ["The log is off", "Turn it on to see turns as they are taken."]
    : dump.paused ? ["No turn yet", "The program is paused. Step it, or let it run."]
    : ["No turn yet", "The program waits for something to happen."];
  $("no-turns").hidden = !why;
  if (why) $("no-turns").replaceChildren(el("b", why[0]), why[1]);
}

$("stream").addEventListener("scroll", () => {
  const end = stream.isAtEnd();
  if (end === following) return;
  following = end;
  if (following) unseen = 0;
  $("follow").hidden = following;
}, { passive: true });
$("follow").addEventListener("click", () => { following = true; drawStream(); });
$("find").addEventListener("input", drawStream);
let onlyKey = "";
$("only").addEventListener("click", () => {
  const on = $("only").getAttribute("aria-pressed") !== "true";
  $("only").setAttribute("aria-pressed", String(on));
  drawOnly(); drawStream();
});

/** The stream can be that of the chosen process: it stays so while turns of it are looked at. */
function drawOnly() {
  const pressed = $("only").getAttribute("aria-pressed") === "true";
  if (choice.kind === "process") onlyKey = choice.key;
  $("only").hidden = onlyKey === "" && !pressed;
  const name = onlyKey === "" ? "ground VM" : nameOf(onlyKey, lastTold(onlyKey)).name ?? "p" + onlyKey;
  $("only").textContent = "Only " + (name.length > 14 ? name.slice(0, 13) + "…" : name);
}

