// The address says what is chosen.

function readAddress() {
  const [, kind, value] = /^#(process|turn|vm|ref|waits)(?:=(x?[\d/]*))?$/.exec(location.hash.replaceAll("%2F", "/")) ?? [];
  if (kind === "turn" && /^\d+$/.test(value)) {
    choice = { kind: "turn", id: Number(value) };
    if (!causes || !causes.ids.has(choice.id)) causes = null;
    loadTree();
  } else if (kind === "ref" && /^x?\d+$/.test(value) || kind === "waits") {
    choice = kind === "ref" ? { kind, ref: "ref#" + value } : { kind };
    causes = null;
  } else {
    choice = { kind: "process", key: kind === "process" && /^\d+(\/\d+)*$/.test(value) ? value : "" };
    causes = null;
    const parents = choice.key.split("/");
    for (let at = 0; at < parents.length; at++) closed.delete(parents.slice(0, at).join("/"));
  }
  drawTree();
  const at = tree.items.findIndex(row => row.key === chosenProcess());
  if (at >= 0) tree.reveal(at);
  drawMiddle(); drawOnly(); drawStream(); drawBar();
  lookAtState();
}
addEventListener("hashchange", readAddress);

