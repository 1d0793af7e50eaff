// Recomputes, for each event on the page, the root of the log's tree from the event's leaf and its proof
// (RFC 6962, 2.1.1), and compares it with the root that the checkpoint signs.
"use strict";
(() => {
  const bytes = (base64) => Uint8Array.from(atob(base64), (it) => it.charCodeAt(0));
  const hash = async (parts) => {
    const all = new Uint8Array(parts.reduce((sum, it) => sum + it.length, 0));
    let at = 0;
    for (const it of parts) {
      all.set(it, at);
      at += it.length;
    }
    return new Uint8Array(await crypto.subtle.digest("SHA-256", all));
  };
  const LEAF = Uint8Array.of(0);
  const NODE = Uint8Array.of(1);

  // Indices stay below 2^53: a log has no more events.
  async function root(leaf, index, size, path) {
    if (!(index < size)) throw new Error("outside the tree");
    let [fn, sn] = [index, size - 1];
    let it = await hash([LEAF, leaf]);
    for (const sibling of path) {
      if (sn === 0) throw new Error("the proof is too long");
      if (fn % 2 === 1 || fn === sn) {
        it = await hash([NODE, sibling, it]);
        while (fn % 2 === 0 && fn !== 0) {
          fn = Math.floor(fn / 2);
          sn = Math.floor(sn / 2);
        }
      } else {
        it = await hash([NODE, it, sibling]);
      }
      fn = Math.floor(fn / 2);
      sn = Math.floor(sn / 2);
    }
    if (sn !== 0) throw new Error("the proof is too short");
    return it;
  }

  async function isVerified(event) {
    try {
      const path = event.path === "" ? [] : event.path.split(",").map(bytes);
      const found = await root(bytes(event.leaf), Number(event.index), Number(event.size), path);
      const signed = bytes(event.root);
      return signed.length === 32 && found.every((it, at) => it === signed[at]);
    } catch {
      return false;
    }
  }

  async function verify() {
    const events = [...document.querySelectorAll("section.event")];
    let good = 0;
    for (const it of events) {
      const verified = await isVerified(it.dataset);
      good += verified ? 1 : 0;
      const verdict = it.querySelector(".verdict");
      verdict.textContent = verified ? it.dataset.yes : it.dataset.no;
      verdict.className = verified ? "verdict yes" : "verdict no";
    }
    const word = document.getElementById("verified");
    word.textContent = good === events.length ? word.dataset.all : word.dataset.some;
    word.classList.toggle("bad", good !== events.length);
  }

  document.addEventListener("fokus-verify", verify);
  verify();
})();
