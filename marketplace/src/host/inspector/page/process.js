// The middle, while a process or a VM is chosen.

function processAnchor(key, extra) {
  const { name } = nameOf(key), pid = key.split("/").at(-1);
  return el("a", { href: processLink(key), title: "p" + key }, name ?? "", name != null ? " " : null, el("span.pid", "p" + pid), extra);
}

function trail(vm) {
  const parts = [el("a", { href: "#vm" }, "ground VM")];
  vm.forEach((pid, at) => { const key = vm.slice(0, at + 1).join("/"); parts.push(" › ", el("a", { href: processLink(key) }, nameOf(key).name ?? "p" + pid)); });
  return parts;
}

function endpointCard({ endpoint, vmKey, inner }) {
  const peers = endpoint.peers.slice(0, PEERS_SHOWN).map(id => {
    const owner = index.owners.get(vmKey + ":" + id);
    return owner == null ? el("span.soft", "endpoint " + id) : processAnchor(owner, el("span.soft.pid", " #" + id));
  });
  const more = (endpoint.present ?? endpoint.peers.length) - peers.length;
  if (more > 0) peers.push(el("span.soft", `and ${count(more)} more`));
  return el("li.card",
    el("span.label", endpoint.orientation === "publisher" ? "publishes" : "subscribes"),
    el("div", el("code", withRefs(endpoint.topic)),
      endpoint.interest === "participant" ? null : el("span.interest", endpoint.interest === "observer" ? "  as observer" : "  as observer of everything"),
      el("span.soft.pid", "  #" + endpoint.id), inner ? el("span.soft", "  for ", processAnchor(inner)) : endpoint.name ? el("span.soft.pid", "  " + endpoint.name) : null),
    el("span.label" + (peers.length ? "" : ".alone"), peers.length ? "hears" : "nobody"), el("div.peers", peers.length ? peers : el("span.sr", "is present to it")));
}

/** An endpoint further out, as it is there. */
function further({ levels, name, outside }, path) {
  const at = path.slice(0, path.length - levels).join("/"), around = index.processes.get(at);
  const endpoint = around?.process.endpoints.find(endpoint => endpoint.name === outside);
  const vmKey = around?.vmKey ?? "", owners = endpoint?.peers.slice(0, PEERS_SHOWN).map(id => index.owners.get(vmKey + ":" + id));
  return { key: `${levels} ${name}`, levels, name, endpoint: endpoint && { ...endpoint, name: null }, vmKey, owners };
}

function actionLine({ waiting, vmKey, first }) {
  const { verb, text, at } = doneParts(waiting);
  const key = waiting.pid == null ? null : vmKey === "" ? String(waiting.pid) : vmKey + "/" + waiting.pid;
  return el("li.line", el("span.no.pid", first ? "next" : String(waiting.id)), key == null ? el("span.soft", "host") : processAnchor(key),
    el("span", el("span.soft", verb + " "), el("code", withRefs(oneLine(text))), at && el("span", el("span.soft", " to "), refAnchor(at))));
}

function topicCard({ topic, publishers, subscribers, vmKey }) {
  const side = (label, ends) => [el("span.label" + (ends.length ? "" : ".alone"), label),
    el("div.peers", ends.length ? ends.slice(0, 12).map(({ key, looksOn }) => el("span", processAnchor(key), looksOn ? el("span.interest", " observer") : null))
      : el("span.label.alone", "nobody"), ends.length > 12 ? el("span.soft", `and ${count(ends.length - 12)} more`) : null)];
  return el("li.card", el("code.wide", withRefs(topic)), side("publishers", publishers), side("subscribers", subscribers));
}

/** The parts of the middle stay the same elements as long as the same thing is chosen. */
function section(body, name, title, extra, items, key, make) {
  let place = body.querySelector(`:scope > [data-part="${name}"]`);
  if (!items.length) { place?.remove(); return; }
  if (!place) {
    place = el("section", { "data-part": name }, el("h3", title + " ", el("span")), el("ul.list.lines"));
    const order = ["state", "endpoints", "outer", "objects", "waits", "decides", "promises", "queue", "topics", "recent"];
    const before = [...body.children].find(other => order.indexOf(other.dataset.part) > order.indexOf(name));
    body.insertBefore(place, before ?? null);
  }
  place.querySelector("h3 span").textContent = extra;
  keyed(place.querySelector("ul"), items, key, make);
}

let middleIs = "";

function middleBody(is) {
  let body = $("middle").querySelector(":scope > .body");
  if (middleIs !== is || !body) {
    middleIs = is;
    body = el("div.body", el("div", { "data-part": "title" }));
    $("middle").replaceChildren(body);
  }
  return body;
}

function drawMiddle() {
  if (!dump) return;
  if (choice.kind === "turn") return drawTurn();
  if (choice.kind === "ref") return drawReference();
  if (choice.kind === "waits") return drawWaits();
  const entry = index.processes.get(choice.key), vm = index.vms.get(choice.key);
  const path = choice.key === "" ? [] : choice.key.split("/").map(Number);
  const body = middleBody(`process ${choice.key}`);
  const process = entry?.process, gone = choice.key !== "" && !entry;
  const { name } = choice.key === "" ? { name: "Ground VM" } : nameOf(choice.key, lastTold(choice.key));
  const facts = [
    process && [process.queued, "queued"], process && [process.endpoints.length, "endpoint"],
    process && [process.objects.length + process.more_objects, "object"], process?.awaits ? [process.awaits, "awaited"] : null,
    vm && [vm.processes.length, "process", "processes"], vm && [vm.endpoints, "endpoint inside", "endpoints inside"],
    vm && [vm.shapes, "shape of topic", "shapes of topics"], vm && [vm.queued ?? vm.queue.length, "queued inside", "queued inside"],
  ].filter(Boolean).map(([n, one, many = one.endsWith("ed") ? one : one + "s"]) => [n === 1 ? one : many, count(n)]);
  keyed(body.querySelector("[data-part=title]"), [{ name, gone, path, facts, failed: process?.failed, names: pathNames(path) }], () => "title", () =>
    el("div", path.length > 0 && el("div.trail", trail(path.slice(0, -1))),
      el("div.title", el("h2.grow", name ?? "Process", path.length > 0 ? el("span.soft", " p" + path.at(-1)) : null),
        process && el("button.danger", { id: "kill-this", onclick: () => askKill(choice.key) }, "Kill…")),
      el("div.facts", gone ? el("span.mark", "gone") : null, process?.failed ? el("span.mark", "failed") : null,
        facts.map(([label, n]) => el("span", el("b", n), " " + label)))));
  const vmKey = entry?.vmKey ?? "";
  drawState(body, process ? choice.key : null);
  const endpoints = process ? process.endpoints : [];
  section(body, "endpoints", "Endpoints", endpoints.length > ENDPOINTS_SHOWN ? `the first ${ENDPOINTS_SHOWN} of ${count(endpoints.length)}` : "",
    endpoints.slice(0, ENDPOINTS_SHOWN).map(endpoint => ({ endpoint, vmKey, inner: index.further.get(choice.key + " " + endpoint.name), peers: endpoint.peers.slice(0, PEERS_SHOWN).map(id => index.owners.get(vmKey + ":" + id)) })),
    ({ endpoint }) => endpoint.id, endpointCard);
  section(body, "outer", "Endpoints further out", "", process ? process.outer.slice(0, ENDPOINTS_SHOWN).map(outer => further(outer, path)) : [], ({ key }) => key,
    found => found.endpoint ? endpointCard(found) : el("li.card", el("span.label", plural(found.levels, "level") + " out"), el("code", found.name)));
  const objects = process?.objects ?? [], allObjects = objects.length + (process?.more_objects ?? 0);
  section(body, "objects", "Objects", allObjects > objects.length ? `the first ${count(objects.length)} of ${count(allObjects)}` : "", objects.slice(0, CARDS_SHOWN).map(object => ({ object })), ({ object }) => object.ref, objectCard);
  const promises = process ? [...index.promises.values()] : [], isHere = place => place && placeKey(place) === choice.key;
  const waits = promises.filter(({ promise }) => promise.waits.some(({ is, by }) => is !== "promise" && isHere(by)));
  const decides = promises.filter(({ promise }) => isHere(promise.decider.by));
  for (const [name, title, list] of [["waits", "It waits for", waits], ["decides", "It is to settle", decides]]) {
    section(body, name, title, list.length > CARDS_SHOWN ? `the first ${CARDS_SHOWN} of ${count(list.length)}` : "", list.slice(0, CARDS_SHOWN), ({ promise }) => promise.ref, promiseCard);
  }
  const open = vm?.promises ?? [], allOpen = open.length + (vm?.more_promises ?? 0);
  section(body, "promises", "Promises that are not settled", allOpen > open.length || open.length > CARDS_SHOWN ? `the first ${count(Math.min(open.length, CARDS_SHOWN))} of ${count(allOpen)}` : "",
    open.slice(0, CARDS_SHOWN).map(promise => ({ promise })), ({ promise }) => promise.ref, promiseCard);
  const around = vm ?? index.vms.get(vmKey), queueKey = vm ? choice.key : vmKey;
  const queue = (around?.queue ?? []).map((waiting, at) => ({ waiting, vmKey: queueKey, first: at === 0 })).filter(({ waiting }) => vm || waiting.pid === path.at(-1));
  const queued = vm ? vm.queued ?? queue.length : process?.queued ?? 0;
  section(body, "queue", "Queue", gone ? "" : queued > queue.length ? `the first ${queue.length} of ${count(queued)}` : "", gone ? [] : queue, ({ waiting }) => waiting.id, actionLine);
  const topics = vm ? topicsOf(vm, choice.key) : [];
  section(body, "topics", "Topics", topics.length > TOPICS_SHOWN ? `${TOPICS_SHOWN} of ${count(topics.length)}` : "", topics.slice(0, TOPICS_SHOWN), ({ topic }) => topic, topicCard);
  drawRecent(body, path);
  const bare = !endpoints.length && !objects.length && !process?.awaits && !decides.length && !queue.length && !topics.length && !gone && process;
  let note = body.querySelector("[data-part=bare]");
  if (bare && !note) body.append(el("p.soft", { "data-part": "bare" }, el("br"), "It has no endpoints and no objects: it hears nothing, and ends when nothing of it is queued."));
  else if (!bare) note?.remove();
}

function lastTold(key) { return turns.findLast(turn => !turn.gap && (turn.name ?? turn.function) != null && keyOf(turn.vm, turn.pid) === key); }

function drawRecent(body, path) {
  const key = path.join("/");
  const recent = key === "" ? [] : turns.filter(turn => !turn.gap && keyOf(turn.vm, turn.pid) === key).slice(-8);
  section(body, "recent", "Last turns", "", recent.map(turn => ({ turn, said: turnSaid(turn) })), ({ turn }) => turn.id, ({ turn }) => turnLine(turn));
}

$("middle").addEventListener("click", event => {
  const arrow = event.target.closest("[data-go]");
  if (arrow) { event.preventDefault(); go(arrow.dataset.go); }
});

function turnLine(turn, byWhom) {
  return el("li", el("a.row" + (turn.failed ? ".bad" : ""), { href: turnLink(turn.id) }, el("span.stamp.num", String(turn.stamp)), byWhom && who(turn), heardCells(turn),
    outcomeCells(turn, "fails: " + oneLine(turn.failed ?? ""))));
}

function topicsOf(vm, vmKey) {
  const topics = new Map();
  for (const process of vm.processes) {
    const key = vmKey === "" ? String(process.pid) : vmKey + "/" + process.pid;
    for (const { topic, orientation, interest } of process.endpoints) {
      let known = topics.get(topic);
      if (!known) topics.set(topic, known = { topic, publishers: [], subscribers: [], vmKey });
      const side = known[orientation + "s"];
      const looksOn = interest !== "participant";
      if (side.at(-1)?.key !== key || side.at(-1).looksOn !== looksOn) side.push({ key, looksOn });
    }
  }
  return [...topics.values()].sort((a, b) => b.publishers.length + b.subscribers.length - a.publishers.length - a.subscribers.length);
}

