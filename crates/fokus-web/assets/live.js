// Keeps a page's live part the newest: the server says when its views have moved, the part is fetched
// again and swapped. Without this script a page shows what it was loaded with, and says as of when.
"use strict";
(() => {
  const word = document.getElementById("word");
  let source = null;
  let fetching = false;
  let wanted = 0;
  let pause = 500;
  const part = () => document.getElementById("live");
  const follows = () => part() !== null && part().hasAttribute("data-follow");
  const asOf = () => Number(part().dataset.asOf || 0);

  // What the reader had opened and where the focus was: a swap must not take it away.
  function remembered(root) {
    const active = document.activeElement;
    const open = [...root.querySelectorAll("details[id]")].filter((it) => it.open).map((it) => it.id);
    const inside = active && root.contains(active);
    return { open, focus: inside ? active.id || active.getAttribute("href") : null };
  }

  function restore(root, kept) {
    for (const id of kept.open) {
      const it = document.getElementById(id);
      if (it && root.contains(it)) it.open = true;
    }
    if (!kept.focus) return;
    const same = [...root.querySelectorAll("[id], [href]")].find(
      (it) => it.id === kept.focus || it.getAttribute("href") === kept.focus);
    if (same) same.focus({ preventScroll: true });
  }

  async function refresh() {
    if (fetching || !follows()) return;
    fetching = true;
    try {
      while (wanted > asOf()) {
        const asked = wanted;
        const answer = await fetch(location.href, {
          headers: { "fokus-min-position": String(asked) },
          credentials: "same-origin",
        });
        if (answer.status === 401) {
          word.textContent = word.dataset.stale;
          close();
          return;
        }
        if (!answer.ok) throw new Error(String(answer.status));
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = page.getElementById("live");
        if (!fresh) throw new Error("no live part");
        const old = part();
        const kept = remembered(old);
        const adopted = document.adoptNode(fresh);
        old.replaceWith(adopted);
        restore(adopted, kept);
        document.dispatchEvent(new CustomEvent("fokus-swapped"));
        if (asOf() < asked) break;
      }
      word.textContent = "";
      pause = 500;
    } catch {
      word.textContent = word.dataset.lost;
      setTimeout(refresh, pause);
      pause = Math.min(pause * 2, 8000);
    } finally {
      fetching = false;
    }
  }

  function close() {
    if (source) source.close();
    source = null;
  }

  function listen() {
    if (!follows()) return;
    close();
    source = new EventSource("/events?after=" + asOf());
    source.addEventListener("open", () => {
      word.textContent = "";
    });
    source.addEventListener("moved", (event) => {
      wanted = Math.max(wanted, Number(event.data));
      refresh();
    });
    source.addEventListener("error", () => {
      word.textContent = word.dataset.lost;
      // The browser tries again by itself, unless the server answered that it will not.
      if (source && source.readyState === EventSource.CLOSED) setTimeout(listen, 2000);
    });
  }

  // A page taken back from the browser's memory has no stream any more.
  addEventListener("pageshow", listen);
  addEventListener("pagehide", close);
})();
