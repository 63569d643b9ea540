// Who waits for whom: promises, each below the one that must be settled before it. What waits for
// itself is drawn as a ring.

let waitRows = null;

/** Promises that are settled together, since each follows the one before it. They are named after the first. */
function settledTogether() {
  const first = ref => {
    for (let seen = new Set(); ;) {
      const { is, on } = index.promises.get(ref).promise.decider;
      if (is !== "follows" || !index.promises.has(on) || seen.has(ref)) return ref;
      seen.add(ref);
      ref = on;
    }
  };
  const groups = new Map(), groupOf = new Map();
  for (const [ref, { promise }] of index.promises) {
    const name = first(ref);
    groupOf.set(ref, name);
    let group = groups.get(name);
    if (!group) groups.set(name, group = { ref: name, promise: index.promises.get(name).promise, others: [], waits: [], more: 0, messages: 0 });
    if (ref !== name) group.others.push(ref);
    group.waits.push(...promise.waits);
    group.more += promise.waiters - promise.waits.length;
    group.messages += promise.messages;
  }
  return { groups, groupOf };
}

/** What each promise waits for, what waits for each, and the rings in that. */
function waitGraph() {
  const { groups, groupOf } = settledTogether(), causes = new Map(), next = new Map();
  for (const [ref, { promise: { decider: { is, on } } }] of groups) {
    causes.set(ref, on && ["when", "waiting", "message"].includes(is) && groupOf.has(on) ? [groupOf.get(on)] : []);
  }
  // One of several says what it is one of.
  for (const [ref, { waits }] of groups) for (const { is, ref: other } of waits) {
    const group = is === "promise" ? groupOf.get(other) : null;
    if (group && group !== ref && !causes.get(group).includes(ref)) causes.get(group).push(ref);
  }
  for (const [ref, on] of causes) for (const other of on) listed(next, other).push(ref);
  return { groups, causes, next, rings: ringsOf(causes) };
}

/** Strongly connected parts with an edge in them, without recursion: Tarjan's way. */
function ringsOf(causes) {
  const number = new Map(), low = new Map(), open = [], isOpen = new Set(), rings = [];
  for (const start of causes.keys()) {
    if (number.has(start)) continue;
    const calls = [[start, 0]];
    while (calls.length) {
      const call = calls.at(-1), [ref] = call, on = causes.get(ref);
      if (call[1] === 0) { number.set(ref, number.size); low.set(ref, number.get(ref)); open.push(ref); isOpen.add(ref); }
      if (call[1] < on.length) {
        const other = on[call[1]++];
        if (!number.has(other)) calls.push([other, 0]);
        else if (isOpen.has(other)) low.set(ref, Math.min(low.get(ref), number.get(other)));
        continue;
      }
      calls.pop();
      if (calls.length) { const above = calls.at(-1)[0]; low.set(above, Math.min(low.get(above), low.get(ref))); }
      if (low.get(ref) !== number.get(ref)) continue;
      const part = open.splice(open.lastIndexOf(ref));
      for (const member of part) isOpen.delete(member);
      if (part.length > 1 || on.includes(ref)) rings.push(part);
    }
  }
  return rings;
}

/**
 * The rows of the view: first the rings, then the promises for which nothing else must be settled before. Below each row is what waits for it, straight on if that is one;
 * a promise that waits for several is below the first of them.
 */
function layWaits() {
  const { groups, causes, next, rings } = waitGraph(), rows = [], seen = new Set(), waiting = [];
  const inRing = new Map(rings.flatMap(ring => ring.map(ref => [ref, ring])));
  const put = (ref, { column, trunks, branch = "", above = false, ring = "", within = !!ring }) => {
    seen.add(ref);
    const group = groups.get(ref), others = (next.get(ref) ?? []).filter(other => !seen.has(other) && !inRing.has(other));
    for (const other of others) seen.add(other);
    const below = [...others.map(ref => ({ ref })), ...whoWaits(group, (next.get(ref) ?? []).map(other => groups.get(other)))];
    const also = causes.get(ref).slice(1);
    rows.push({ key: ref, kind: "promise", within, ref, others: group.others, promise: group.promise, messages: group.messages, also, column, trunks, branch, above, ring, below: below.length > 0 });
    const along = branch === "last" ? trunks.with(column - 1, false) : trunks;
    // What alone waits for this goes straight on.
    if (below.length === 1 && !ring) waiting.push({ ...below[0], within, column, trunks: along, branch: "", above: true });
    else for (let at = below.length - 1; at >= 0; at--) waiting.push({ ...below[at], within, column: column + 1, trunks: [...along, true], branch: at === below.length - 1 ? "last" : "mid" });
  };
  const drain = () => {
    while (waiting.length && rows.length < WAITS_SHOWN) {
      const item = waiting.pop();
      if (item.ref) put(item.ref, item);
      else rows.push({ ...item, kind: "who" });
    }
  };
  for (const part of rings) {
    if (rows.length >= WAITS_SHOWN) break;
    const ring = part.toReversed();
    rows.push({ key: "ring-" + ring[0], kind: "ring", names: ringNames(ring), column: 0, trunks: [], ring: "head" });
    ring.forEach((ref, at) => {
      put(ref, { column: 1, trunks: [at < ring.length - 1], ring: at === 0 ? "first" : at === ring.length - 1 ? "last" : "mid" });
      drain();
    });
  }
  for (const ref of groups.keys()) {
    if (rows.length >= WAITS_SHOWN) break;
    if (seen.has(ref) || causes.get(ref).length) continue;
    put(ref, { column: 0, trunks: [] });
    drain();
  }
  const left = groups.size - rows.filter(row => row.kind === "promise").length + index.morePromises;
  if (left > 0) rows.push({ key: "more", kind: "note", text: `${plural(left, "promise")} more` });
  return { rows, rings };
}

/** Who waits for a promise and decides none of those below it. */
function whoWaits({ ref, waits, more }, below) {
  const decides = new Map(), rows = [];
  for (const { promise: { decider: { is, by } } } of below) {
    if (is === "when" && by) decides.set(placeKey(by), (decides.get(placeKey(by)) ?? 0) + 1);
  }
  waits.forEach((waiter, at) => {
    if (waiter.is === "promise") return;
    const key = waiter.is === "process" ? placeKey(waiter.by) : null, left = decides.get(key) ?? 0;
    if (left > 0) decides.set(key, left - 1);
    else rows.push({ key: `${ref} ${at}`, waiter });
  });
  if (more > 0) rows.push({ key: `${ref} more`, more });
  return rows;
}

/** The processes of a ring, each of which waits for the one before it. */
function ringNames(ring) {
  const keys = ring.map(ref => index.promises.get(ref).promise.decider.by).filter(Boolean).map(placeKey);
  const names = [...new Set(keys)].map(key => nameOf(key).name ?? "p" + key);
  return names.length > 1 ? `${names.slice(0, -1).join(", ")} and ${names.at(-1)} wait for each other` : `${names[0] ?? "it"} waits for itself`;
}

function waitGutter({ kind, column, trunks, branch, above, ring, within, below }) {
  const step = 18, x = at => 9 + at * step, mid = ROW / 2, bits = [], round = [];
  trunks.forEach((goesOn, at) => {
    // The line of the ring, which goes on beside what waits for one in it.
    if (at === 0 && within) { if (goesOn && !ring) round.push(`M${x(0)} 0V${ROW}`); }
    else if (goesOn || branch && at === column - 1) bits.push(`M${x(at)} 0V${branch === "last" && at === column - 1 ? mid - 6 : ROW}`);
  });
  if (branch) bits.push(`M${x(column - 1)} ${mid - 6}q0 6 6 6H${x(column) - 4}`);
  if (above) bits.push(kind === "promise" ? `M${x(column)} 0V${mid - 4}` : `M${x(column)} 0V${mid - 6}q0 6 6 6H${x(column) + 8}`);
  if (below) bits.push(`M${x(column)} ${mid + 4}V${ROW}`);
  if (ring === "first") round.push(`M${x(1) - 4} ${mid}H${x(0) + 6}q-6 0 -6 6V${ROW}`);
  else if (ring === "last") round.push(`M${x(0)} 0V${mid - 6}q0 6 6 6H${x(1) - 4}`);
  else if (ring === "mid") round.push(`M${x(0)} 0V${ROW}M${x(0)} ${mid}H${x(1) - 4}`);
  const width = x(column) + 9;
  return svg("svg", { width, height: ROW, viewBox: `0 0 ${width} ${ROW}`, "aria-hidden": "true" }, svg("path", { d: bits.join("") || "M0 0" }),
    ...(round.length ? [svg("path", { d: round.join(""), class: "ring" })] : []),
    ...(kind === "promise" ? [svg("circle", { cx: x(column), cy: mid, r: 4 })] : []));
}

function makeWaitRow(row) {
  if (row.kind === "note") return el("div.row.quiet", row.text);
  if (row.kind === "ring") return el("div.row.quiet.ring", el("b", "A ring: "), el("span.cut", row.names + "; nobody else can end that"));
  if (row.kind === "who") return el("div.row.quiet", waitGutter(row), row.more ? el("span", `${count(row.more)} more wait`) : el("span", waiterWords(row.waiter), " waits"));
  const { promise, others, messages, also } = row;
  return el("div.row" + (row.ring ? ".ring" : ""), { role: "listitem" }, waitGutter(row), refAnchor(row.ref), others.slice(0, 3).map(ref => el("span", el("span.soft", "= "), refAnchor(ref))), others.length > 3 ? el("span.soft", `= ${count(others.length - 3)} more`) : null,
    el("span.cut", deciderWords(promise)), also.length ? el("span.soft", " and waits for ", also.slice(0, 3).map(ref => [refAnchor(ref), " "])) : null,
    messages > 0 ? el("span.badge.num", { title: "wait at it" }, plural(messages, "message")) : null);
}

/** The middle, while one looks at who waits for whom. */
function drawWaits() {
  if (middleIs !== "waits" || !$("waiting")) {
    middleIs = "waits";
    const list = el("div.rows", { id: "waiting", tabindex: "0", role: "list", "aria-label": "Promises, each below what must be settled before it" });
    $("middle").replaceChildren(el("div.upper", el("div.title", el("h2", "Who waits for whom")), el("div.facts", { id: "waits-are" })), list, el("div.empty", { id: "no-waits" }));
    waitRows = new Rows(list, { key: row => row.key, say: row => JSON.stringify(row), make: makeWaitRow, onChoose: (row, event) => { if (row.ref && !event.target.closest("a")) go(refLink(row.ref)); } });
  }
  const { rows, rings } = layWaits();
  keyed($("waits-are"), [{ promises: index.promises.size + index.morePromises, rings: rings.length }], () => "facts", ({ promises, rings }) =>
    el("span", el("b", count(promises)), promises === 1 ? " promise is not settled" : " promises are not settled", rings ? el("span.mark", ` ${plural(rings, "ring")}`) : null));
  $("waiting").hidden = !rows.length;
  $("no-waits").hidden = rows.length > 0;
  if (!rows.length) $("no-waits").replaceChildren(el("b", "Nobody waits"), "Every promise that anybody has is settled.");
  waitRows.set(rows);
}
