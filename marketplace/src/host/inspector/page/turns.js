// The stream of turns.

const HEARD = [
  [/^hears message (.*)$/s, "message", ""], [/^hears feedback (.*)$/s, "feedback", ""],
  [/^hears presence of (.*)$/s, "presence", "came"], [/^hears absence of (.*)$/s, "absence", "went"],
  [/^hears vacancy: (.*)$/s, "vacancy", ""], [/^hears reply (.*)$/s, "reply", ""],
  [/^hears that no reply comes (.*)$/s, "no reply", "went"], [/^hears that its child (.*)$/s, "its child", ""],
  [/^hears that what it gave (.*)$/s, "what it gave", "went"], [/^boots$/, "boots", "came"], [/^goes on$/, "goes on", ""],
];
const DONE = /^(sends message|sends feedback|adds|deletes|refuses|spawns|quits|at meta level:|passes|gives|goes on)(?: (.*))?$/s;

function heardParts(heard) {
  for (const [pattern, tag, kind] of HEARD) {
    const found = pattern.exec(heard);
    if (found) return { tag, kind, text: found[1] ?? "" };
  }
  return { tag: "", kind: "", text: heard };
}

function doneParts(action) {
  const found = DONE.exec(action);
  return found ? { verb: found[1], text: found[2] ?? "" } : { verb: "", text: action };
}

const oneLine = text => text.length > 400 ? text.slice(0, 400) + "…" : text;

function who(turn) {
  const { vm, pid } = turn, key = keyOf(vm, pid), { name, hint } = nameOf(key, turn);
  const title = [...pathNames(vm), name ?? hint].join(" › ");
  return el("span.actor", { title }, el("span.who.cut", name ?? (hint ? el("span.anon", oneLine(hint)) : "")), el("span.pid", "p" + key));
}

function heardCells(heard) {
  const { tag, kind, text } = heardParts(heard);
  return [tag && el("span.tag" + (kind ? "." + kind : ""), tag), text && el("code.cut", { title: text }, roleParts(oneLine(text)))];
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
  const produced = turn.produced.length + (turn.more ?? 0);
  const said = turn.produced.map(({ action }) => action).join("\n");
  return el("div.row" + (turn.failed ? ".bad" : "") + (isChosenTurn(turn) ? ".chosen" : ""), { role: "link", "aria-label": `turn ${turn.id}` },
    el("span.stamp.num", String(turn.stamp)), who(turn), heardCells(turn.heard),
    turn.failed ? el("span.did.fail.cut", { title: turn.failed }, "fails") : produced > 0 ? el("span.did", { title: said }, "→ " + produced) : null);
}

const isChosenTurn = turn => choice.kind === "turn" && turn.id === choice.id;
const turnKey = turn => turn.gap ? "gap-" + turn.stamp : turn.id;
const turnSaid = turn => turn.gap ? String(turn.gap) : turn.id + (isChosenTurn(turn) ? "c" : "") + (turn.failed ? "f" : "");

const stream = new Rows($("stream"), {
  key: turnKey, say: turnSaid, make: makeTurnRow,
  onChoose: turn => { if (!turn.gap) go(turnLink(turn.id)); },
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
    return !find || `${turn.heard} ${plainName(turn.name) ?? turn.function ?? ""} p${key} ${turn.failed ?? ""}`.toLowerCase().includes(find);
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
  for (const turn of turns.splice(0, over)) turnIds.delete(turn.id);
  // Who reads further up goes on reading there.
  if (before) { const at = wantedTurns().indexOf(before); if (at >= 0) $("stream").scrollTop = at * ROW + $("stream").scrollTop % ROW; }
}

function drawStream() {
  const wanted = wantedTurns();
  stream.set(wanted);
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
  $("stream").hidden = !!why;
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
  if (choice.kind !== "turn") onlyKey = choice.key;
  $("only").hidden = onlyKey === "" && !pressed;
  const name = onlyKey === "" ? "ground VM" : nameOf(onlyKey, lastTold(onlyKey)).name ?? "p" + onlyKey;
  $("only").textContent = "Only " + (name.length > 14 ? name.slice(0, 13) + "…" : name);
}
