// Shows how far a bundle has come while the browser takes it in. Without this script the browser takes it
// in just as well, and shows what it shows of any download.
"use strict";
(() => {
  const form = document.getElementById("export");
  const line = document.getElementById("progress");
  const bar = document.getElementById("bar");
  const text = document.getElementById("progress-text");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const id = crypto.randomUUID();
    form.elements.follow.value = id;
    const source = new EventSource("/export/progress?id=" + id);
    let sent = false;
    const send = () => {
      if (!sent) form.submit();
      sent = true;
    };
    // First somebody listens, then it begins.
    source.addEventListener("open", send);
    source.addEventListener("error", () => {
      source.close();
      send();
    });
    source.addEventListener("progress", (event) => {
      const step = JSON.parse(event.data);
      line.hidden = false;
      bar.max = Math.max(step.of, 1);
      bar.value = step.leaves;
      text.textContent = step.text;
      if (step.ended) source.close();
    });
  });
})();
