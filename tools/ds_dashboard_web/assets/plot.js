// The history plot with zoom and values under the pointer, in place of the drawing that the page has without it.
"use strict";
(() => {
  const box = document.getElementById("plot");
  const source = document.getElementById("data");
  if (!box || !source || typeof uPlot === "undefined") return;
  const data = JSON.parse(source.textContent);
  const drawing = box.querySelector("svg");
  const label = drawing?.getAttribute("aria-label") ?? "";
  const names = ["value", ...Object.keys(data.others ?? {})];
  const lines = [data.points, ...Object.values(data.others ?? {})];
  const times = [...new Set(lines.flat().map(([at]) => at))].sort((a, b) => a - b);
  const columns = lines.map((line) => {
    const known = new Map(line);
    // undefined joins, null is a gap: a time of another line is no gap of this one.
    const column = times.map((at) => (known.has(at) ? known.get(at) : undefined));
    // A gap is as wide as from value to value, also if other lines have times within.
    for (const forth of [true, false]) {
      let isGap = false;
      for (const index of forth ? times.keys() : [...times.keys()].reverse()) {
        if (column[index] !== undefined) isGap = column[index] === null;
        else if (isGap) column[index] = null;
      }
    }
    return column;
  });
  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const texts = lines.map((line) => new Map(line.map(([at, , text]) => [at, text])));
  // Exact up to 2^53, as far as a plot is; others are in the table.
  const exact = (value) => (value && (Math.abs(value) >= 1e15 || Math.abs(value) < 1e-6) ? "" : value.toLocaleString("en", { maximumFractionDigits: 12 }).replace("-", "−"));
  // Values between two gaps are on no line.
  const alone = columns.map((column) => {
    const known = [...column.keys()].filter((index) => column[index] !== undefined);
    return known.filter((index, at) => column[index] !== null && (column[known[at - 1]] ?? null) === null && (column[known[at + 1]] ?? null) === null);
  });
  const shownIn = (timeZone) => {
    const [day, month, hour] = [
      { day: "numeric", month: "short" }, { month: "short", year: "numeric" }, { hour: "2-digit", minute: "2-digit" },
    ].map((parts) => new Intl.DateTimeFormat("en-GB", { ...parts, timeZone }));
    const date = (at) => uPlot.tzDate(new Date(at * 1e3), timeZone);
    const ticks = (_, times, __, ___, step) => times.map((at) => {
      if (step >= 28 * 86400) return month.format(at * 1e3);
      return step < 86400 && date(at).getHours() + date(at).getMinutes() ? hour.format(at * 1e3) : day.format(at * 1e3);
    });
    return { date, ticks, instant: (at) => (at == null ? "–" : `${day.format(at * 1e3)}, ${hour.format(at * 1e3)}`) };
  };
  // Where a line has a value at an instant: other lines have theirs at other minutes, and a gap has none.
  const step = times.length > 1 ? (times.at(-1) - times[0]) / Math.max(1, data.points.length - 1) : 0;
  const near = (column, at) => {
    let best = null;
    column.forEach((value, index) => {
      if (value != null && Math.abs(times[index] - at) <= 0.75 * step && (best === null || Math.abs(times[index] - at) < Math.abs(times[best] - at))) best = index;
    });
    return best;
  };
  const element = (name, text) => Object.assign(document.createElement(name), { textContent: text });
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  const dashes = [[5, 4], [], [1.5, 3], [8, 3, 2, 3]];
  let plot = null;
  // uPlot has no levels for the largest and smallest numbers.
  const size = Math.max(0, ...data.levels.map(([level]) => Math.abs(level)));
  const scale = size && (size >= 1e15 || size < 1e-12) ? size : 1;
  const levels = data.levels.map(([level]) => level / scale);
  const levelTexts = data.levels.map(([, text]) => text);
  const longest = Math.max(0, ...levelTexts.map((text) => text.length));
  const write = (self, text, x, y, align, name) => {
    Object.assign(self.ctx, { fillStyle: color(name), textAlign: align, textBaseline: "alphabetic", font: `${11 * devicePixelRatio}px ${font}` });
    self.ctx.fillText(text, x, y);
  };
  const font = getComputedStyle(document.body).fontFamily;
  const draw = () => {
    plot?.destroy();
    const zone = document.documentElement.dataset.zone === "local" ? Intl.DateTimeFormat().resolvedOptions().timeZone : "UTC";
    const { date, ticks, instant } = shownIn(zone);
    const band = data.failed;
    const axis = { stroke: color("--dim"), font: `11px ${font}`, grid: { stroke: color("--line"), width: 1 }, ticks: { stroke: color("--line") } };
    plot = new uPlot({
      width: box.clientWidth, height: 340, tzDate: date, legend: { show: false }, cursor: { y: false },
      scales: {
        x: { min: data.since, max: data.until },
        y: { range: (_, low, high) => (levels.length ? [levels[0], levels.at(-1)] : [low, high]) },
      },
      axes: [
        { ...axis, grid: { show: false }, size: 36, values: ticks },
        { ...axis, size: Math.max(70, 22 + 7 * longest), ticks: { show: false }, splits: () => levels, values: () => levelTexts },
      ],
      series: [
        {},
        ...names.map((name, index) => ({
          label: name, stroke: color(index ? "--dim" : "--accent"), width: index ? 1 : 1.5, dash: index ? dashes[(index - 1) % 4] : [],
          // An area that does not begin at zero would say something else than the line above it.
          fill: names.length === 1 && levels[0] === 0 ? color("--fill") : undefined,
          spanGaps: false,
          points: { show: !index && data.points.length < 130, size: 4, filter: (_, __, all) => (all ? null : alone[index]) },
        })),
      ],
      hooks: {
        drawClear: [(self) => {
          if (!band) return;
          const [from, to] = band.map((at) => self.valToPos(at, "x", true));
          self.ctx.fillStyle = color("--red-bg");
          self.ctx.fillRect(from, self.bbox.top, Math.max(1, to - from), self.bbox.height);
          write(self, "fails", to - 6 * devicePixelRatio, self.bbox.top + 16 * devicePixelRatio, "right", "--red");
        }],
        setCursor: [(self) => {
          const { left, idx } = self.cursor;
          tip.hidden = idx == null || left < 0;
          if (tip.hidden) return;
          tip.replaceChildren(element("div", `${instant(times[idx])} ${zone}`), ...names.map((name, index) => {
            const line = element("div", index || names.length > 1 ? (index ? name : data.name) : "");
            const at = near(columns[index], times[idx]);
            const text = at === null ? "–" : texts[index].get(times[at]);
            line.append(element("strong", text));
            const digits = at === null ? "" : exact(columns[index][at]);
            if (!text.replace("$", "").startsWith(digits)) line.append(element("small", digits));
            return line;
          }));
          const middle = left > self.over.clientWidth / 2;
          tip.style.left = `${left + (middle ? -tip.offsetWidth - 12 : 12)}px`;
          tip.style.top = "8px";
        }],
        draw: [(self) => {
          self.ctx.strokeStyle = color("--text");
          self.ctx.setLineDash([4, 3]);
          for (const [whole, text] of data.limits) {
            const limit = whole / scale;
            if (limit < levels[0] || limit > levels.at(-1)) continue;
            const at = self.valToPos(limit, "y", true);
            self.ctx.beginPath();
            self.ctx.moveTo(self.bbox.left, at);
            self.ctx.lineTo(self.bbox.left + self.bbox.width, at);
            self.ctx.stroke();
            write(self, text, self.bbox.left + 6 * devicePixelRatio, at + (text.startsWith("below") ? 14 : -5) * devicePixelRatio, "left", "--dim");
          }
          self.ctx.setLineDash([]);
        }],
      },
    }, [times, ...columns.map((column) => (scale === 1 ? column : column.map((value) => value && value / scale)))], (self, init) => {
      drawing?.remove();
      box.append(self.root);
      self.over.append(tip);
      self.root.setAttribute("role", "img");
      self.root.setAttribute("aria-label", label);
      init();
    });
  };
  draw();
  document.addEventListener("theme", draw);
  document.addEventListener("zone", draw);
  // A canvas keeps its colours when the page gets others.
  for (const query of ["print", "(prefers-color-scheme: dark)"]) matchMedia(query).addEventListener("change", draw);
  addEventListener("resize", () => plot?.setSize({ width: box.clientWidth, height: 340 }));
})();
