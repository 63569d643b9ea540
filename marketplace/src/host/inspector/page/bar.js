// The bar, the keys, and what a person can do to the program.

const STATES = { new: "connecting", running: "running", paused: "paused", busy: "in a long turn", lost: "no connection", over: "ended" };

function drawBar() {
  const is = connection !== "live" ? connection : dump.paused ? "paused" : "running";
  $("state").dataset.is = is;
  $("state").lastChild.textContent = STATES[is] ?? is;
  const live = connection === "live";
  $("pause").disabled = !live || dump.paused;
  for (const id of ["step", "step10", "run"]) $(id).disabled = !live || !dump.paused;
  $("log").disabled = !live;
  $("panes").classList.toggle("stale", connection === "lost" || connection === "over");
  if (!dump) return;
  $("log").setAttribute("aria-pressed", String(dump.logging));
  $("log").textContent = dump.logging ? "Log on" : "Log off";
  const name = dump.vat ?? "unnamed vat";
  $("program").textContent = name;
  $("to-waits").setAttribute("aria-current", String(choice.kind === "waits"));
  document.title = (is === "running" ? "" : `${STATES[is]} · `) + name;
  const promises = index.promises.size + index.morePromises, rings = promises ? waitGraph().rings.length : 0;
  $("n-promises").textContent = count(promises);
  $("n-rings").hidden = !rings;
  $("n-rings").textContent = plural(rings, "ring");
  for (const [id, n] of [["processes", index.processes.size], ["endpoints", index.endpoints], ["objects", index.objectCount], ["queued", index.queued], ["turns", dump.turns]]) $("n-" + id).textContent = count(n);
}

function banner(text, bad) {
  $("banner").hidden = !text;
  $("banner").className = bad ? "bad" : "";
  if (text) $("banner").textContent = text;
}

let noteEnds;
function note(text) {
  $("note").textContent = text;
  $("note").hidden = false;
  clearTimeout(noteEnds);
  noteEnds = setTimeout(() => { $("note").hidden = true; }, 4000);
}

async function request(method, url, body) {
  try {
    const headers = { "x-inspector-token": token, ...(body ? { "content-type": "application/json" } : {}) };
    const answer = await fetch(url, { method, headers, body: body && JSON.stringify(body) });
    const told = answer.status === 204 ? null : await answer.json().catch(() => null);
    return { ok: answer.ok, status: answer.status, body: told, error: told?.error ?? answer.statusText };
  } catch { return { ok: false, status: 0, body: null, error: "no connection to the program" }; }
}

async function act(url, body, done) {
  const answer = await request("POST", url, body);
  if (!answer.ok) note(answer.error);
  else if (done) note(done);
  return answer.ok;
}

const steps = n => { if (!$("step").disabled) act(`/api/step?n=${n}`); };
$("pause").addEventListener("click", () => act("/api/pause"));
$("run").addEventListener("click", () => act("/api/run"));
$("step").addEventListener("click", () => steps(1));
$("step10").addEventListener("click", () => steps(10));
$("log").addEventListener("click", () => act("/api/log", { on: !dump.logging }));
// After a click with the mouse, space is the bar's again.
document.querySelector("header").addEventListener("click", event => { if (event.detail > 0) event.target.closest("button")?.blur(); });

let killing = null;
function askKill(key) {
  killing = key;
  const { name } = nameOf(key);
  $("kill-title").textContent = `Kill ${name ?? "process"} p${key.split("/").at(-1)}?`;
  $("kill-reason").value = "";
  $("kill").showModal();
  $("kill-reason").focus();
}
$("kill-no").addEventListener("click", () => $("kill").close());
async function reallyKill() {
  const path = killing.split("/").map(Number), pid = path.pop();
  $("kill").close();
  await act("/api/kill", { vm: path, pid, reason: $("kill-reason").value }, dump.paused ? "It ends when the program goes on." : null);
}
$("kill-yes").addEventListener("click", reallyKill);
$("kill-reason").addEventListener("keydown", event => { if (event.key === "Enter") reallyKill(); });

addEventListener("keydown", event => {
  const { target } = event, typing = target instanceof HTMLInputElement;
  if (event.key === "Escape" && typing && !$("kill").open) { target.value = ""; target.dispatchEvent(new Event("input")); target.blur(); return; }
  if (typing || $("kill").open || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "/") $("filter").focus();
  else if (event.key === "s") steps(1);
  else if (event.key === "w") go("#waits");
  else if (event.key === " " && !target.closest("button, a")) { if (connection === "live") act(dump.paused ? "/api/run" : "/api/pause"); }
  else return;
  event.preventDefault();
});
$("filter").addEventListener("input", () => { $("tree").scrollTop = 0; drawTree(); });
$("filter").addEventListener("keydown", event => {
  const first = tree.items.find(row => row.key !== "" && row.key !== "none");
  if (event.key === "Enter" && first) go(processLink((tree.items.find(row => !row.vm && row.key !== "none") ?? first).key));
  if (event.key === "ArrowDown") { $("tree").focus(); event.preventDefault(); }
});

for (const [id, name, sign] of [["split-left", "--left", 1], ["split-right", "--right", -1]]) {
  const pane = sign > 0 ? $(id).previousElementSibling : $(id).nextElementSibling;
  const resize = width => document.documentElement.style.setProperty(name, told(Math.min(innerWidth * .6, Math.max(180, width))) + "px");
  const told = width => { $(id).setAttribute("aria-valuenow", Math.round(width / innerWidth * 100)); return width; };
  told(pane.offsetWidth);
  $(id).addEventListener("pointerdown", down => {
    const width = pane.offsetWidth;
    $(id).setPointerCapture(down.pointerId);
    const move = event => resize(width + sign * (event.clientX - down.clientX));
    $(id).addEventListener("pointermove", move);
    $(id).addEventListener("lostpointercapture", () => $(id).removeEventListener("pointermove", move), { once: true });
  });
  $(id).addEventListener("keydown", event => {
    const by = { ArrowLeft: -16, ArrowRight: 16 }[event.key];
    if (by) { resize(pane.offsetWidth + sign * by); event.preventDefault(); }
  });
}

// Who was at work lately.
setInterval(() => {
  const now = performance.now();
  for (const [key, row] of tree.shown) {
    const dot = row.made.querySelector(".dot"), at = active.get(key);
    if (dot) dot.style.opacity = at == null ? "" : Math.max(.13, 1 - (now - at) / 1500).toFixed(2);
  }
}, 150);
setInterval(() => { const old = performance.now() - 3000; for (const [key, at] of active) if (at < old) active.delete(key); }, 5000);

