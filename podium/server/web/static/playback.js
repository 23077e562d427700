// A run played back: what a part of the picture shows stands in it with its frames; the slider chooses one of them.
"use strict";
(() => {
  const PAUSE = 700; // milliseconds that a frame is shown

  const start = (root) => {
    const parts = root.querySelectorAll("[data-from]");
    const slider = root.querySelector('input[type="range"]');
    const said = root.querySelector("output");
    const play = root.querySelector('[data-do="play"]');
    const captions = JSON.parse(root.dataset.captions);
    let timer = 0;
    const show = (wanted) => {
      const frame = Math.max(0, Math.min(captions.length - 1, wanted));
      slider.value = frame;
      slider.setAttribute("aria-valuetext", captions[frame]);
      said.textContent = `${frame + 1} of ${captions.length}: ${captions[frame]}`;
      for (const part of parts) {
        const isSeen = Number(part.dataset.from) <= frame && frame < Number(part.dataset.to);
        part.setAttribute("visibility", isSeen ? "visible" : "hidden");
      }
    };
    const stop = () => {
      clearInterval(timer);
      timer = 0;
      play.textContent = "Play";
    };
    const run = () => {
      if (Number(slider.value) >= captions.length - 1) show(0);
      play.textContent = "Pause";
      timer = setInterval(() => {
        if (!root.isConnected) return stop();
        show(Number(slider.value) + 1);
        if (Number(slider.value) >= captions.length - 1) stop();
      }, PAUSE);
    };
    slider.addEventListener("input", () => { stop(); show(Number(slider.value)); });
    root.addEventListener("click", (event) => {
      const what = event.target.closest("[data-do]")?.dataset.do;
      if (!what) return;
      if (what === "play" && !timer) return run();
      stop();
      if (what !== "play") show(Number(slider.value) + (what === "next" ? 1 : -1));
    });
    show(captions.length - 1);
  };

  const find = () => {
    for (const root of document.querySelectorAll("[data-captions]")) {
      if (!root.isStarted) {
        root.isStarted = true;
        start(root);
      }
    }
  };
  document.addEventListener("htmx:afterSwap", find);
  find();
})();
