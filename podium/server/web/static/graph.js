// The graph of a page: pan, zoom, find, a small map of a large one, and the chosen task beside it.
// The picture is podium.render's; only its viewBox is changed here.
"use strict";
(() => {
  const MAP_FROM = 60; // nodes
  const views = new Map(); // how each graph was last looked at, so that a picture that changes stays in its place

  const refOf = (id) => id.slice(2).replace(/_Z([0-9a-f]+)_/g, (_, code) => String.fromCodePoint(parseInt(code, 16)));

  // A name as one segment of a path, as the server writes it (`writing.segment`).
  const segment = (name) => {
    const awkward = name === "." || name === ".." ? /\./g : /[~/\u0000-\u001f\u007f]/g;
    const written = (each) => `~${each.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
    return encodeURIComponent(name.replace(awkward, written));
  };

  class Graph {
    constructor(root) {
      this.root = root;
      this.stage = root.querySelector(".graph-stage");
      this.svg = this.stage.querySelector("svg");
      this.whole = this.svg.viewBox.baseVal;
      this.size = { width: this.whole.width, height: this.whole.height };
      this.nodes = [...this.svg.querySelectorAll('[id^="n_"]')];
      root.classList.add("is-live-stage");
      // A small picture needs no tall stage.
      const shrunk = Math.min(1, this.stage.clientWidth / this.size.width);
      const wanted = Math.min(this.size.height * shrunk + 2, innerHeight * 0.72);
      this.stage.style.height = `${Math.max(220, wanted)}px`;
      this.svg.setAttribute("preserveAspectRatio", "xMidYMin meet");
      const before = views.get(root.id);
      if (before && before.width === this.size.width && before.height === this.size.height) this.show(before.view);
      else this.start();
      if (this.nodes.length > MAP_FROM) this.map();
      this.listen();
      if (before && before.find) {
        root.querySelector(".graph-find").value = before.find;
        this.find(before.find, false);
      }
    }

    get box() { return this.stage.getBoundingClientRect(); }

    // From its head, as large as can be read, and no larger than life.
    start() {
      const { width, height } = this.box;
      const fit = Math.min(width / this.size.width, height / this.size.height);
      const scale = Math.min(1, Math.max(fit, Math.min(1, width / this.size.width, 1), 0.35));
      const failed = this.svg.querySelector('[id^="n_"].status-failed, [id^="n_"].status-timed-out');
      const view = { x: (this.size.width - width / scale) / 2, y: 0, width: width / scale, height: height / scale };
      if (failed && fit < 0.9) {
        // What failed is what one wants to see.
        const at = failed.getBBox();
        view.x = Math.min(Math.max(at.x + at.width / 2 - view.width / 2, Math.min(0, view.x)), Math.max(0, this.size.width - view.width, view.x));
        view.y = Math.min(Math.max(0, at.y + at.height / 2 - view.height / 2), Math.max(0, this.size.height - view.height));
      }
      this.show(view);
    }

    show(view) {
      this.view = view;
      this.scale = this.box.width / view.width;
      this.svg.setAttribute("viewBox", `${view.x} ${view.y} ${view.width} ${view.height}`);
      views.set(this.root.id, { view, ...this.size, find: this.root.querySelector(".graph-find").value });
      if (this.frame) for (const [name, value] of Object.entries(view)) this.frame.setAttribute(name, value);
    }

    zoom(factor, at) {
      const { width, height } = this.box;
      const { view } = this;
      const least = Math.min(this.size.width, width) / 12;
      const wide = Math.min(Math.max(view.width / factor, least), 4 * Math.max(this.size.width, width));
      const share = wide / view.width;
      const x = at ? at.x : view.x + view.width / 2;
      const y = at ? at.y : view.y + view.height / 2;
      this.show({ x: x - (x - view.x) * share, y: y - (y - view.y) * share, width: wide, height: wide * height / width });
    }

    move(x, y) { this.show({ ...this.view, x: this.view.x + x, y: this.view.y + y }); }

    fit() {
      const { width, height } = this.box;
      const scale = Math.min(width / this.size.width, height / this.size.height);
      this.show({
        x: (this.size.width - width / scale) / 2, y: (this.size.height - height / scale) / 2,
        width: width / scale, height: height / scale,
      });
    }

    one() {
      const { width, height } = this.box;
      const x = this.view.x + this.view.width / 2 - width / 2;
      this.show({ x, y: Math.max(0, this.view.y + this.view.height / 2 - height / 2), width, height });
    }

    point(event) {
      const box = this.box;
      return {
        x: this.view.x + (event.clientX - box.left) / box.width * this.view.width,
        y: this.view.y + (event.clientY - box.top) / box.height * this.view.height,
      };
    }

    to(node) {
      const at = node.getBBox();
      // Large enough to be read.
      const share = Math.min(1, this.box.width / 0.9 / this.view.width);
      const width = this.view.width * share;
      const height = this.view.height * share;
      this.show({ x: at.x + at.width / 2 - width / 2, y: at.y + at.height / 2 - height / 2, width, height });
    }

    find(words, isNext) {
      const wanted = words.trim().toLowerCase();
      const told = this.root.querySelector(".graph-found");
      const hits = this.nodes.filter((node) => wanted && node.querySelector("title").textContent.toLowerCase().includes(wanted));
      for (const node of this.nodes) {
        node.classList.toggle("is-dim", Boolean(wanted) && !hits.includes(node));
        node.classList.toggle("is-found", hits.includes(node));
      }
      told.textContent = wanted ? `${hits.length} found` : "";
      if (!hits.length) return;
      this.at = isNext ? ((this.at ?? -1) + 1) % hits.length : 0;
      if (isNext) { told.textContent = `${this.at + 1} of ${hits.length}`; }
      this.to(hits[this.at]);
    }

    open(node) {
      if (!this.root.dataset.panel) return; // a picture of no run of its own
      const panel = `${this.root.dataset.panel}${segment(refOf(node.id))}/panel`;
      // On a phone it stands below the picture.
      htmx.ajax("GET", panel, { target: "#detail", swap: "innerHTML" })
        .then(() => document.getElementById("detail")?.scrollIntoView({ block: "nearest" }));
    }

    map() {
      const { width, height } = this.size;
      const scale = Math.min(180 / width, 150 / height);
      const map = document.createElementNS(this.svg.namespaceURI, "svg");
      map.classList.add("minimap");
      map.setAttribute("viewBox", `0 0 ${width} ${height}`);
      map.setAttribute("width", Math.max(24, width * scale));
      map.setAttribute("height", Math.max(24, height * scale));
      map.setAttribute("aria-hidden", "true");
      for (const node of this.nodes) {
        const at = node.getBBox();
        const mark = document.createElementNS(this.svg.namespaceURI, "rect");
        const least = 2 / scale;
        mark.setAttribute("x", at.x);
        mark.setAttribute("y", at.y);
        mark.setAttribute("width", Math.max(at.width, least));
        mark.setAttribute("height", Math.max(at.height, least));
        const shape = node.querySelector("[fill]");
        const fill = shape ? getComputedStyle(shape).fill : "currentColor";
        mark.setAttribute("fill", fill);
        mark.setAttribute("stroke", "currentColor");
        mark.setAttribute("stroke-width", 0.5 / scale);
        map.append(mark);
      }
      this.frame = document.createElementNS(this.svg.namespaceURI, "rect");
      this.frame.classList.add("view");
      map.append(this.frame);
      const go = (event) => {
        const box = map.getBoundingClientRect();
        const x = (event.clientX - box.left) / box.width * width;
        const y = (event.clientY - box.top) / box.height * height;
        this.show({ ...this.view, x: x - this.view.width / 2, y: y - this.view.height / 2 });
      };
      map.addEventListener("pointerdown", (event) => { map.setPointerCapture(event.pointerId); go(event); });
      map.addEventListener("pointermove", (event) => { if (event.buttons) go(event); });
      this.root.append(map);
      this.show(this.view);
    }

    listen() {
      const { stage, root } = this;
      const pointers = new Map();
      let moved = 0;
      let span = 0;
      stage.addEventListener("pointerdown", (event) => {
        if (event.button) return;
        pointers.set(event.pointerId, event);
        moved = 0;
        span = 0;
      });
      stage.addEventListener("pointermove", (event) => {
        const before = pointers.get(event.pointerId);
        if (!before) return;
        const share = this.view.width / this.box.width;
        pointers.set(event.pointerId, event);
        if (pointers.size === 2) {
          const [one, other] = [...pointers.values()];
          const now = Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
          if (span) this.zoom(now / span, this.point({ clientX: (one.clientX + other.clientX) / 2, clientY: (one.clientY + other.clientY) / 2 }));
          span = now;
          moved = 99;
          return;
        }
        moved += Math.abs(event.clientX - before.clientX) + Math.abs(event.clientY - before.clientY);
        if (moved > 4 && !stage.hasPointerCapture(event.pointerId)) stage.setPointerCapture(event.pointerId);
        if (moved > 4) this.move((before.clientX - event.clientX) * share, (before.clientY - event.clientY) * share);
      });
      const end = (event) => { pointers.delete(event.pointerId); span = 0; };
      for (const name of ["pointerup", "pointercancel"]) stage.addEventListener(name, end);
      // With Ctrl the wheel zooms; without, it moves the picture, and the page once the picture is at its end.
      stage.addEventListener("wheel", (event) => {
        if (event.ctrlKey || event.metaKey) {
          event.preventDefault();
          this.zoom(Math.exp(-event.deltaY / 300), this.point(event));
          return;
        }
        const share = this.view.width / this.box.width;
        const isEnd = event.deltaY > 0 ? this.view.y + this.view.height >= this.size.height : this.view.y <= 0;
        if (isEnd && Math.abs(event.deltaY) >= Math.abs(event.deltaX)) return;
        event.preventDefault();
        this.move(event.deltaX * share, event.deltaY * share);
      }, { passive: false });
      stage.addEventListener("click", (event) => {
        const node = event.target.closest('[id^="n_"]');
        if (node && moved <= 4 && !event.target.closest("a.way-in")) this.open(node);
      });
      stage.addEventListener("keydown", (event) => {
        const step = this.view.width / 8;
        const keys = {
          ArrowLeft: () => this.move(-step, 0), ArrowRight: () => this.move(step, 0),
          ArrowUp: () => this.move(0, -step), ArrowDown: () => this.move(0, step),
          "+": () => this.zoom(1.25), "=": () => this.zoom(1.25), "-": () => this.zoom(0.8), 0: () => this.fit(), 1: () => this.one(),
        };
        const node = event.target.closest('[id^="n_"]');
        if (node && (event.key === "Enter" || event.key === " ")) {
          event.preventDefault();
          this.open(node);
        } else if (keys[event.key] && !event.ctrlKey && !event.metaKey) {
          event.preventDefault();
          keys[event.key]();
        }
      });
      // The tab key goes from node to node: the one that has it is in sight.
      stage.addEventListener("focusin", (event) => {
        const node = event.target.closest('[id^="n_"]');
        if (!node || !node.matches(":focus-visible")) return;
        const at = node.getBBox();
        const { view } = this;
        if (at.x < view.x || at.y < view.y || at.x + at.width > view.x + view.width || at.y + at.height > view.y + view.height) this.to(node);
        stage.scrollTo(0, 0);
      });
      root.querySelector(".graph-bar").addEventListener("click", (event) => {
        const what = event.target.closest("[data-zoom]")?.dataset.zoom;
        if (what === "in") this.zoom(1.25);
        if (what === "out") this.zoom(0.8);
        if (what === "fit") this.fit();
        if (what === "one") this.one();
      });
      const find = root.querySelector(".graph-find");
      find.addEventListener("input", () => this.find(find.value, false));
      find.addEventListener("keydown", (event) => {
        if (event.key === "Enter") {
          event.preventDefault();
          this.find(find.value, true);
        }
      });
      new ResizeObserver(() => {
        const { width, height } = this.box;
        if (!width || !height) return;
        const wide = width / this.scale;
        this.show({ ...this.view, x: this.view.x + (this.view.width - wide) / 2, width: wide, height: height / this.scale });
      }).observe(stage);
    }
  }

  // A link that names a node leads to it, wherever it stands.
  const aim = (graph) => {
    const node = graph.nodes.find((each) => `#${each.id}` === location.hash);
    if (node) graph.to(node);
  };
  const draw = () => {
    for (const root of document.querySelectorAll("[data-graph]")) {
      if (!root.graph && root.querySelector(".graph-stage svg")) aim(root.graph = new Graph(root));
    }
  };
  addEventListener("hashchange", () => {
    for (const root of document.querySelectorAll("[data-graph]")) if (root.graph) aim(root.graph);
  });
  // Not before: settling gives what has an id the classes back that the server wrote.
  document.addEventListener("htmx:afterSettle", draw);
  draw();
})();
