// The editor: numbers beside the lines, those with errors marked, and a way from an error to its line.
"use strict";
(() => {
  const text = document.getElementById("text");
  const gutter = document.querySelector(".gutter");
  if (!text || !gutter) return;

  let told = "";
  const number = () => {
    const count = text.value.split("\n").length;
    const wrong = document.getElementById("look")?.dataset.wrong || "";
    if (`${count} ${wrong}` === told) return;
    told = `${count} ${wrong}`;
    const marked = new Set(wrong.split(" "));
    gutter.replaceChildren(...Array.from({ length: count }, (_, at) => {
      const line = document.createElement("span");
      line.textContent = `${at + 1}\n`;
      if (marked.has(String(at + 1))) line.className = "is-wrong";
      return line;
    }));
    scroll();
  };
  const scroll = () => { gutter.scrollTop = text.scrollTop; };
  text.addEventListener("input", number);
  text.addEventListener("scroll", scroll);
  document.addEventListener("htmx:afterSwap", number);

  // Lines in and out by two spaces; the tab key goes on to what is next, as on the whole page.
  text.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || (event.key !== "]" && event.key !== "[")) return;
    event.preventDefault();
    const from = text.value.lastIndexOf("\n", text.selectionStart - 1) + 1;
    const end = text.value.indexOf("\n", text.selectionEnd);
    const to = end < 0 ? text.value.length : end;
    const lines = text.value.slice(from, to).split("\n");
    const moved = lines.map((line) => (event.key === "]" ? `  ${line}` : line.replace(/^ {1,2}/, ""))).join("\n");
    text.setRangeText(moved, from, to, "select");
    text.dispatchEvent(new Event("input", { bubbles: true }));
  });

  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-line]");
    if (!link) return;
    event.preventDefault();
    const lines = text.value.split("\n");
    const line = Math.min(Number(link.dataset.line), lines.length);
    const from = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
    text.focus();
    text.setSelectionRange(from, from + lines[line - 1].length);
    text.scrollTop = Math.max(0, (line - 5) * (text.scrollHeight / lines.length));
  });

  number();
})();
