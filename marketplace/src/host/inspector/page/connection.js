// The connection to the program, and the events on it.

const ON = {
  dump(data) {
    const began = performance.now();
    take(data);
    connection = "live";
    banner(null);
    drawBar(); drawTree(); drawMiddle(); drawOnly();
    lookAtState();
    if (!turns.length) drawStream();
    document.body.dataset.dumpMs = (performance.now() - began).toFixed(1);
  },
  turn(data) {
    const began = performance.now();
    addTurns(data);
    if (choice.kind === "ref" && dump) drawReference();
    else if (choice.kind === "process" && dump) { const body = $("middle").querySelector(":scope > .body"); if (body) drawRecent(body, choice.key === "" ? [] : choice.key.split("/").map(Number)); }
    document.body.dataset.turnMs = (performance.now() - began).toFixed(1);
  },
  lagged({ missed }) {
    const last = turns.at(-1);
    if (last?.gap) last.gap += missed;
    else turns.push({ gap: missed, stamp: last?.stamp ?? 0 });
    trimTurns();
  },
  busy() { if (connection === "live") { connection = "busy"; drawBar(); banner("The program is in a turn that takes long, and does not answer. What is shown is how it was before."); } },
  over() { connection = "over"; drawBar(); banner("The program has ended. What is shown is how it was at last.", true); },
};

/** Reads server-sent events; the token goes in a header, so no address has it. Whatever ends this ends the stream, too. */
async function listen() {
  const stop = new AbortController();
  try {
    const answer = await fetch("/api/events", { headers: { "x-inspector-token": token }, signal: stop.signal });
    if (!answer.ok) throw Object.assign(new Error((await answer.json().catch(() => ({}))).error ?? answer.statusText), { status: answer.status });
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let rest = "";;) {
      const { done, value } = await reader.read();
      if (done) return;
      const blocks = (rest + value).split("\n\n");
      rest = blocks.pop();
      blocks.forEach(tell);
    }
  } finally { stop.abort(); }
}

/** One event. Its lines end with a line feed and with nothing else, whatever a pattern takes for the end of a line. */
function tell(block) {
  const fields = new Map(block.split("\n").map(line => line.split(/:(.*)/s)).map(([name, value = ""]) => [name, value.trimStart()]));
  const event = fields.get("event"), data = fields.get("data");
  if (Object.hasOwn(ON, event) && data) ON[event](JSON.parse(data));
}

async function stayConnected() {
  for (let wait = 500;; wait = Math.min(wait * 2, 5000)) {
    try { await listen(); wait = 500; } catch (error) {
      if (error.status === 410) ON.over();
      else if (error.status === 401) { connection = "lost"; drawBar(); return banner(token ? "Another program answers here now. Open the URL that it printed." : "Open the URL that the program printed: it has the token.", true); }
      else { if (connection === "live") wait = 500; lost(error.status ? error.message : null); }
    }
    if (connection === "over") return;
    if (connection === "live" || connection === "busy") lost(null);
    await new Promise(resolve => setTimeout(resolve, wait));
  }
}

function lost(why) {
  connection = "lost";
  drawBar();
  banner(why ? `${why[0].toUpperCase()}${why.slice(1)}.` : "The connection to the program is lost: it may have ended. Trying again.", true);
}

readAddress();
stayConnected();
