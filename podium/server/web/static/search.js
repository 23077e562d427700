// Search boxes that complete themselves: the server knows the grammar, this shows what it offers.
"use strict";
(() => {
  for (const combo of document.querySelectorAll("[data-combo]")) {
    const input = combo.querySelector("input");
    const list = combo.querySelector(".offers");
    let at = -1;
    let asked = 0;

    const options = () => [...list.children];
    const close = () => {
      list.hidden = true;
      at = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    };
    const choose = (place) => {
      at = place;
      options().forEach((option, number) => option.setAttribute("aria-selected", String(number === at)));
      const chosen = options()[at];
      if (chosen) {
        input.setAttribute("aria-activedescendant", chosen.id);
        chosen.scrollIntoView({ block: "nearest" });
      } else {
        input.removeAttribute("aria-activedescendant");
      }
    };
    const offer = async () => {
      const number = ++asked;
      const typed = input.value.slice(0, input.selectionStart);
      const answer = await fetch(`${combo.dataset.combo}&query=${encodeURIComponent(typed)}`, { headers: { "HX-Request": "true" } });
      if (number !== asked || !answer.ok || document.activeElement !== input) return;
      // The server's own markup, with every text escaped.
      list.replaceChildren(...new DOMParser().parseFromString(await answer.text(), "text/html").body.children);
      list.hidden = !list.childElementCount;
      input.setAttribute("aria-expanded", String(!list.hidden));
      choose(-1);
    };
    const take = (option) => {
      const end = input.selectionStart;
      const before = input.value.slice(0, +option.dataset.begin);
      const gap = option.dataset.text.endsWith("(") ? "" : " ";
      input.setRangeText(option.dataset.text + gap, before.length, end, "end");
      input.focus();
      offer();
    };

    let pause = 0;
    const soon = () => { clearTimeout(pause); pause = setTimeout(offer, 80); };
    input.addEventListener("input", soon);
    input.addEventListener("click", soon);
    input.addEventListener("keydown", (event) => {
      const count = options().length;
      if (event.key === "ArrowDown") {
        event.preventDefault();
        if (list.hidden) offer(); else choose((at + 1) % count);
      } else if (event.key === "ArrowUp" && !list.hidden) {
        event.preventDefault();
        choose((at - 1 + count) % count);
      } else if ((event.key === "Enter" || event.key === "Tab") && !list.hidden && at >= 0) {
        event.preventDefault();
        take(options()[at]);
      } else if (event.key === "Escape" && !list.hidden) {
        event.preventDefault();
        close();
      }
    });
    input.addEventListener("blur", () => setTimeout(close, 150));
    list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const option = event.target.closest('[role="option"]');
      if (option) take(option);
    });
  }

  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-check-all]")) return;
    for (const box of event.target.form.querySelectorAll('input[name="id"]')) box.checked = event.target.checked;
  });
})();
