// Objects and promises: how they are called, and the middle while one of them is chosen.

const refLink = ref => "#ref=" + ref.slice("ref#".length);

/** What a reference is called: an object by its type, too. */
function refName(ref) {
  const object = index.objects.get(ref)?.object;
  return object ? `${object.kind} ${ref}` : ref;
}

function refAnchor(ref) {
  const object = index.objects.get(ref)?.object;
  return el("a.ref", { href: refLink(ref) }, object ? [object.kind + " ", el("span.pid", ref)] : el("span.pid", ref));
}

/** A text whose references lead to what they stand for. */
const withRefs = text => text.split(/(ref#x?\d+)/).map((part, at) => at % 2 ? el("a.ref.in", { href: refLink(part), title: refName(part) }, part) : part);

/** A process, anywhere. */
const placeKey = ({ vm, pid }) => keyOf(vm, pid);
const placeAnchor = place => processAnchor(placeKey(place));

/** Who has the handles of an object, as far as the VM sees. */
function holders({ held, queued, promised, named, waits }) {
  return [[queued, "in the queue"], [promised, "at promises"], [named, "in topics and names"], [waits, "as it waits for promises"],
    [Math.max(0, held - queued - promised - named - waits), "in states, closures or hosts"]].filter(([n]) => n > 0);
}

function objectCard({ object }) {
  const parts = holders(object).map(([n, where]) => `${count(n)} ${where}`).join(", ");
  return el("li.card", el("div.wide", refAnchor(object.ref), el("span.soft", object.held ? `  held by ${count(object.held)}: ${parts}` : "  nobody has it: it is about to be dropped")));
}

/** Who settles a promise, in words. */
function deciderWords({ decider: { is, by, on } }) {
  const who = by && placeAnchor(by), it = on && refAnchor(on);
  switch (is) {
    case "message": return [who ?? "whoever hears it", " is to answer a message that is queued for ", it];
    case "waiting": return ["the answer to a message that waits at ", it];
    case "answer": return ["its answer is queued"];
    case "when": return [who, " answers", it ? [" once ", it, " is settled"] : " when it is told"];
    case "follows": return ["it is settled as ", it, " is"];
    case "several": return ["it is settled when others are: ", el("code", "all"), " or ", el("code", "race")];
    case "drains": return ["it is settled with ", it, ", to which what waited is being delivered"];
    case "forwarded": return ["somebody elsewhere; meanwhile ", it, " hears what is sent to it"];
    case "arrives": return [who, " is about to make it"];
    default: return ["whoever has its resolver: a state, a closure or the host"];
  }
}

function waiterWords(waiter) {
  if (waiter.is === "process") return placeAnchor(waiter.by);
  if (waiter.is === "promise") return refAnchor(waiter.ref);
  if (waiter.is === "duct") return el("span", waiter.by ? placeAnchor(waiter.by) : "somebody", " on a duct");
  return el("span.soft", "the host");
}

const promiseKind = promise => promise.is_object ? "an object that is not there yet" : "promise";

function promiseCard({ promise }) {
  const more = promise.waiters - promise.waits.length, waits = promise.waits.map(waiterWords);
  if (more > 0) waits.push(el("span.soft", `and ${count(more)} more`));
  return el("li.card", el("span.label", promise.is_object ? "object" : "promise"), el("div", refAnchor(promise.ref), promise.is_object ? el("span.soft", " is not there yet") : null),
    el("span.label", "decided by"), el("div", deciderWords(promise)),
    el("span.label" + (waits.length ? "" : ".alone"), waits.length ? "waits for it" : "nobody"), el("div.peers", waits.length ? waits : el("span.sr", "waits for it")),
    promise.messages > 0 ? [el("span.label", "at it"), el("div", plural(promise.messages, "message"), promise.first ? [", first ", el("code", oneLine(promise.first))] : null)] : null);
}

/** The middle, while an object or a promise is chosen. */
function drawReference() {
  const { ref } = choice, known = index.objects.get(ref), waiting = index.promises.get(ref);
  const key = known?.key, path = key == null ? [] : key.split("/").map(Number);
  const about = turns.filter(turn => !turn.gap && (turn.object === ref || turn.produced.some(({ at }) => at === ref))).slice(-20);
  const body = middleBody("ref " + ref);
  const name = known ? known.object.kind : waiting?.promise.is_object ? "Object" : waiting ? "Promise" : "Reference";
  keyed(body.querySelector("[data-part=title]"), [{ name, ref, key, held: known?.object.held, gone: !known && !waiting, names: pathNames(path) }], () => "title", () => el("div",
    path.length > 0 && el("div.trail", trail(path)),
    el("div.title", el("h2.grow", name, el("span.soft", " " + ref))),
    el("div.facts", known ? el("span", "held by ", el("b", count(known.object.held))) : null,
      waiting ? el("span", promiseKind(waiting.promise)) : null,
      known || waiting ? null : el("span.mark", (index.morePromises > 0 || index.objectCount > index.objects.size) ? "not among those that are shown, or not there any more" : "settled, or not there any more"))));
  section(body, "objects", "Who has it", "", known ? [known] : [], () => ref, objectCard);
  section(body, "promises", "Who waits", "", waiting ? [waiting] : [], () => ref, promiseCard);
  section(body, "recent", "Last turns about it", "", about.map(turn => ({ turn, said: turnSaid(turn) })), ({ turn }) => turn.id, ({ turn }) => turnLine(turn, true));
  if (!about.length && !body.querySelector("[data-part=bare]")) body.append(el("p.soft", { "data-part": "bare" }, el("br"), "No turn that is kept here speaks of it."));
  else if (about.length) body.querySelector("[data-part=bare]")?.remove();
}
