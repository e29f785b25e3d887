(() => {
  "use strict";
  const form = document.getElementById("filter");
  if (form) {
    const fields = { q: "f-text", kind: "f-kind", tag: "f-tag", verb: "f-verb" };
    const field = (name) => document.getElementById(fields[name]);
    const cards = [...document.querySelectorAll("#cards > article")];

    const matches = (card, wanted) =>
      (!wanted.verb || card.dataset.verb === wanted.verb) &&
      (!wanted.kind || card.dataset.kinds.split("\n").includes(wanted.kind)) &&
      (!wanted.tag || card.dataset.tags.split("\n").includes(wanted.tag)) &&
      wanted.q.split(/\s+/).every((word) => card.dataset.search.includes(word));

    const apply = () => {
      const wanted = Object.fromEntries(Object.keys(fields).map((name) => [name, field(name).value]));
      wanted.q = wanted.q.trim().toLowerCase();
      let shown = 0;
      for (const card of cards) {
        card.hidden = !matches(card, wanted);
        if (!card.hidden) shown += 1;
      }
      document.getElementById("f-count").textContent = `${shown} of ${cards.length} shown`;
      document.getElementById("f-none").hidden = shown > 0;
    };

    // A filter can be sent to a colleague: report.html#kind=number&q=seven
    const fromAddress = () => {
      const hash = location.hash.slice(1);
      if (!hash.includes("=")) return;
      const given = new URLSearchParams(hash);
      for (const name of Object.keys(fields)) field(name).value = given.get(name) ?? "";
      apply();
    };

    // A link to a card that a filter hides must still lead there.
    const reveal = () => {
      const target = document.getElementById(location.hash.slice(1));
      if (!target || !target.hidden) return;
      form.reset();
      apply();
      target.scrollIntoView();
    };

    form.addEventListener("input", apply);
    form.addEventListener("submit", (event) => event.preventDefault());
    addEventListener("hashchange", () => { fromAddress(); reveal(); });
    addEventListener("keydown", (event) => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.target.matches("input, select")) return;
      event.preventDefault();
      field("q").focus();
    });
    form.hidden = false;
    apply();
    fromAddress();
  }

  // One voice at a time.
  addEventListener("play", (event) => {
    for (const other of document.querySelectorAll("audio")) if (other !== event.target) other.pause();
  }, true);

  // A row inside a closed group is opened when a link leads to it, and everything is opened for paper.
  const open = () => {
    for (let at = document.getElementById(location.hash.slice(1)); at; at = at.parentElement) {
      if (at.tagName === "DETAILS") at.open = true;
    }
  };
  addEventListener("hashchange", open);
  open();
  addEventListener("beforeprint", () => {
    for (const group of document.querySelectorAll("details")) group.open = true;
  });
})();
