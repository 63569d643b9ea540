// The state of the process that is chosen, as it shows itself to people.

let shownState = { key: null, text: null };   // the last one that came
let stateAsked = "no";                         // "once", or "again": something has changed since

function drawState(body, key) {
  const text = key != null && shownState.key === key ? shownState.text : null;
  const from = body.querySelector(".state-text")?.scrollTop ?? 0;
  section(body, "state", "State", "", text == null ? [] : [text], () => "state", text => el("li", el("pre.state-text", withRefs(text))));
  // A reader stays at a line while the text changes.
  const made = body.querySelector(".state-text");
  if (made) made.scrollTop = from;
}

/** Asks for it: once at a time, however much changes meanwhile. */
async function lookAtState() {
  if (stateAsked !== "no") { stateAsked = "again"; return; }
  try {
    do {
      stateAsked = "once";
      const key = choice.kind === "process" ? choice.key : "";
      if (!key || !index.processes.has(key) || connection !== "live") break;
      const answer = await request("GET", `/api/state?process=${encodeURIComponent(key)}`);
      if (answer.ok) shownState = { key, text: answer.body.state };
      if (choice.kind === "process") drawMiddle();
    } while (stateAsked === "again");
  } finally { stateAsked = "no"; }
}

