// The tree of VMs and processes.

const tree = new Rows($("tree"), {
  key: row => row.key,
  say: row => JSON.stringify([row.depth, row.name, row.hint, row.vm, row.open, row.queued, row.failed, row.key === chosenProcess()]),
  make: makeTreeRow,
  onChoose(row, event) {
    if (event.target.closest(".fold") && row.vm) fold(row.key, closed.has(row.key)); else go(processLink(row.key));
  },
});

const processLink = key => key === "" ? "#vm" : "#process=" + key;
const turnLink = id => "#turn=" + id;
const go = link => { if (location.hash !== link) location.hash = link; };
function chosenProcess() {
  return choice.kind === "turn" ? turnOf(choice.id) : choice.kind === "ref" ? index.objects.get(choice.ref)?.key ?? null : choice.kind === "waits" ? null : choice.key;
}
function turnOf(id) { const turn = turnIds.get(id) ?? (causes || null)?.turns.find(turn => turn.id === id); return turn ? keyOf(turn.vm, turn.pid) : null; }

function makeTreeRow(row) {
  const fold = el("span.fold" + (row.open ? ".open" : ""), { "aria-hidden": "true" },
    row.vm && svg("svg", { viewBox: "0 0 10 10" }, svg("path", { d: "M3 1l4 4-4 4", fill: "none", stroke: "currentColor", "stroke-width": "1.6" })));
  const label = row.name != null ? el("span.name.cut" + (row.vm ? ".vm" : ""), row.name) : el("span.anon.cut", row.hint || "unnamed");
  const made = el("div.row" + (row.key === chosenProcess() ? ".chosen" : "") + (row.failed ? ".failed" : ""),
    { role: "treeitem", id: "t-" + row.key, "aria-level": row.depth + 1, "aria-expanded": row.vm ? String(row.open) : null,
      "aria-selected": String(row.key === chosenProcess()), title: row.title },
    fold, row.key === "" ? null : el("i.dot", { "aria-hidden": "true" }), label, row.key === "" ? null : el("span.pid", row.pid),
    row.failed ? el("span.badge.fail", "failed") : row.queued > 0 ? el("span.badge.num", { title: plural(row.queued, "queued action") }, count(row.queued)) : null);
  made.style.paddingLeft = 6 + row.depth * 14 + "px";
  return made;
}

function treeRows() {
  const wanted = $("filter").value.trim().toLowerCase(), rows = [];
  const hits = entry => {
    const { process, key } = entry;
    if (`p${process.pid} ${key} ${plainName(process.name) ?? process.function ?? ""}`.toLowerCase().includes(wanted)) return true;
    return process.endpoints.some(endpoint => endpoint.topic.toLowerCase().includes(wanted))
      || process.objects.some(object => `${object.kind} ${object.ref}`.toLowerCase().includes(wanted));
  };
  const walk = (vm, vmKey, depth) => {
    const below = [];
    for (const process of vm.processes) {
      const key = vmKey === "" ? String(process.pid) : vmKey + "/" + process.pid;
      const inner = process.vm && (wanted || !closed.has(key)) ? walk(process.vm, key, depth + 1) : [];
      if (wanted && !inner.length && !hits({ process, key })) continue;
      const { name, hint } = nameOf(key);
      below.push({ key, depth, name, hint, pid: "p" + process.pid, vm: !!process.vm, open: !!process.vm && (!!wanted || !closed.has(key)),
        queued: process.queued + (process.vm && closed.has(key) ? process.vm.queued ?? 0 : 0), failed: process.failed,
        title: [name ?? hint, "p" + key].join("  ") }, ...inner);
    }
    return below;
  };
  const open = !!wanted || !closed.has("");
  rows.push({ key: "", depth: 0, name: "ground VM", pid: "", vm: true, open, queued: 0, failed: false, title: "the outermost VM" });
  for (const row of open ? walk(dump.vm, "", 1) : []) rows.push(row);
  return rows;
}

function drawTree() {
  if (!dump) return;
  const rows = treeRows();
  if (rows.length === 1 && $("filter").value.trim()) rows.push({ key: "none", depth: 1, hint: "nothing matches", pid: "", vm: false, queued: 0 });
  tree.set(rows);
  $("tree").setAttribute("aria-activedescendant", "t-" + (chosenProcess() ?? ""));
}

function fold(key, open) { if (open) closed.delete(key); else closed.add(key); drawTree(); }

$("tree").addEventListener("keydown", event => {
  const at = tree.items.findIndex(row => row.key === chosenProcess()), row = tree.items[at];
  const to = next => { if (tree.items[next]) { go(processLink(tree.items[next].key)); tree.reveal(next); } };
  if (event.key === "ArrowDown") to(at + 1);
  else if (event.key === "ArrowUp") to(Math.max(0, at - 1));
  else if (event.key === "Home") to(0);
  else if (event.key === "End") to(tree.items.length - 1);
  else if (event.key === "ArrowRight" && row?.vm) { if (row.open) to(at + 1); else fold(row.key, true); }
  else if (event.key === "ArrowLeft" && row) { if (row.open) fold(row.key, false); else to(tree.items.findLastIndex((other, i) => i < at && other.depth < row.depth)); }
  else return;
  event.preventDefault();
});

