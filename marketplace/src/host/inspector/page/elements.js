// Makes elements, and keeps long lists of them short.

/** el("a.link.cut", {href: ".."}, child, "text", ..); what is null is left out. */
function el(what, ...rest) {
  const [tag, ...classes] = what.split(".");
  const made = document.createElement(tag);
  if (classes.length) made.className = classes.join(" ");
  for (const item of rest) {
    if (item == null || item === false) continue;
    if (item instanceof Node || typeof item === "string") made.append(item);
    else if (Array.isArray(item)) made.append(...item.flat().filter(Boolean));
    else for (const [name, value] of Object.entries(item)) {
      if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
      else if (value != null) made.setAttribute(name, value);
    }
  }
  return made;
}

function svg(tag, attributes, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** Makes the children of a place those of a list, and keeps the ones that say the same: so focus and selection stay. */
function keyed(place, items, key, make) {
  const old = new Map([...place.children].map(child => [child.dataset.key, child]));
  const children = items.map(item => {
    const name = String(key(item)), said = JSON.stringify(item), known = old.get(name);
    if (known && known.said === said) return known;
    const made = make(item);
    made.dataset.key = name;
    made.said = said;
    return made;
  });
  const same = children.length === place.children.length && children.every((child, at) => child === place.children[at]);
  if (!same) {
    const focus = place.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    place.replaceChildren(...children);
    if (focus) [...place.querySelectorAll("a")].find(link => link.getAttribute("href") === focus)?.focus();
  }
}

/** A long list in which only the rows that are seen are elements. A row stays the same element while its `say` stays the same. */
class Rows {
  constructor(place, { key, say, make, onChoose }) {
    Object.assign(this, { place, key, say, make, items: [], shown: new Map(), wanted: false });
    this.inner = el("div", { role: "presentation" });
    place.append(this.inner);
    place.addEventListener("scroll", () => this.later(), { passive: true });
    new ResizeObserver(() => this.later()).observe(place);
    place.addEventListener("click", event => {
      const row = event.target.closest("[data-key]");
      const item = row && this.shown.get(row.dataset.key)?.item;
      if (item) onChoose(item, event);
    });
  }
  set(items) { this.items = items; this.draw(); }
  later() {
    if (this.wanted) return;
    this.wanted = true;
    requestAnimationFrame(() => { this.wanted = false; this.draw(); });
  }
  draw() {
    const { place, inner, items } = this;
    inner.style.height = items.length * ROW + "px";
    const first = Math.max(0, Math.floor(place.scrollTop / ROW) - 6);
    const last = Math.min(items.length, Math.ceil((place.scrollTop + place.clientHeight) / ROW) + 6);
    const shown = new Map();
    for (let at = first; at < last; at++) {
      const item = items[at], key = String(this.key(item)), said = this.say(item);
      let row = this.shown.get(key);
      if (!row || row.said !== said) {
        const made = this.make(item);
        made.dataset.key = key;
        if (row) row.made.replaceWith(made); else inner.append(made);
        row = { made, said };
      }
      row.item = item;
      if (row.at !== at) { row.at = at; row.made.style.top = at * ROW + "px"; }
      shown.set(key, row);
    }
    for (const [key, row] of this.shown) if (!shown.has(key)) row.made.remove();
    this.shown = shown;
  }
  isAtEnd() { return this.place.scrollTop + this.place.clientHeight >= this.items.length * ROW - ROW; }
  toEnd() { this.place.scrollTop = this.items.length * ROW; this.draw(); }
  reveal(at, middle) {
    const { place } = this, top = at * ROW;
    if (top < place.scrollTop || top + ROW > place.scrollTop + place.clientHeight) {
      place.scrollTop = middle ? top - place.clientHeight / 2 : top < place.scrollTop ? top : top + ROW - place.clientHeight;
    }
    this.draw();
  }
}

