/// The script that redraws an ``Explorer`` when the reader chooses columns.
enum ExplorerScript {
    /// The JavaScript that fills the lists of columns and draws the chosen ones.
    static let text = """
        "use strict";
        (() => {
          const figure = document.getElementById("explorer");
          if (!figure) return;
          const data = JSON.parse(figure.querySelector("script").textContent);
          const choice = name => figure.querySelector(`[name=${name}]`);
          const column = name => data.columns.indexOf(name);
          const number = text => text === null || text === "" ? NaN : Number(text);
          const isNumeric = index => data.rows.some(row => !isNaN(number(row[index])))
            && data.rows.every(row => row[index] === null || row[index] === "" || !isNaN(number(row[index])));
          const varies = index => new Set(data.rows.map(row => row[index])).size > 1;
          for (const [name, needsNumber, start] of [["x", true, data.x], ["y", true, data.y],
              ["color", false, data.color], ["panel", false, ""]]) {
            const list = choice(name);
            if (!needsNumber) list.add(new Option("none", ""));
            data.columns.forEach((title, index) => {
              if (needsNumber ? isNumeric(index) : varies(index) && title !== "reason") list.add(new Option(title, title));
            });
            list.value = start;
            if (list.selectedIndex < 0) list.selectedIndex = 0;
            list.addEventListener("change", draw);
          }
          function ticks(values) {
            let low = Math.min(...values), high = Math.max(...values);
            if (low > 0 && low < 0.6 * high) low = 0;
            if (high === low) high = low + Math.max(Math.abs(low), 1);
            const power = 10 ** Math.floor(Math.log10((high - low) / 4));
            const step = [1, 2, 5, 10].map(factor => factor * power).find(step => step * 4 >= (high - low) * 0.999);
            const first = Math.floor(low / step), last = Math.max(Math.ceil(high / step - 1e-9), first + 1);
            return Array.from({length: last - first + 1}, (_, index) => (first + index) * step);
          }
          const short = value => Math.abs(value) >= 1e4 ? +(value / 1e3).toPrecision(4) + "k" : +value.toPrecision(6) + "";
          function element(name, style, text) {
            const made = document.createElement(name);
            made.className = style;
            if (text !== undefined) made.textContent = text;
            return made;
          }
          function mark(area, style, text, x, y) {
            const made = element("span", style, text);
            if (x !== null) made.style.left = x * 100 + "%";
            if (y !== null) made.style.top = y * 100 + "%";
            area.append(made);
          }
          function panel(title, rows, x, y, kinds, across, up) {
            const box = element("div", "plot");
            box.style.setProperty("--gutter", "8ch");
            box.append(element("div", "ytitle", `${choice("y").value}${title}`));
            const area = element("div", "area");
            area.style.height = "240px";
            const place = (scale, value) => (value - scale[0]) / (scale[scale.length - 1] - scale[0]);
            up.forEach(tick => mark(area, "y tick", short(tick), null, 1 - place(up, tick)));
            across.forEach((tick, index) =>
              mark(area, index % 2 && across.length > 4 ? "x tick minor" : "x tick", short(tick), place(across, tick), null));
            for (const row of rows) {
              const [glyph, style] = data.glyphs[kinds.indexOf(row.kind) % data.glyphs.length];
              mark(area, `glyph ${style}`, glyph, place(across, row.x), 1 - place(up, row.y));
            }
            box.append(area, element("div", "xtitle", choice("x").value));
            return box;
          }
          function draw() {
            const [x, y, color, panels] = ["x", "y", "color", "panel"].map(name => column(choice(name).value));
            const rows = data.rows.map(row => ({x: number(row[x]), y: number(row[y]),
              kind: color < 0 ? "" : row[color] ?? "", panel: panels < 0 ? "" : row[panels] ?? ""}))
              .filter(row => !isNaN(row.x) && !isNaN(row.y));
            const target = figure.querySelector(".panels");
            target.replaceChildren();
            if (rows.length === 0) return target.append(element("p", "note", "No run has both values."));
            const kinds = [...new Set(rows.map(row => row.kind))];
            const across = ticks(rows.map(row => row.x)), up = ticks(rows.map(row => row.y));
            for (const name of new Set(rows.map(row => row.panel))) {
              const title = panels < 0 ? "" : `, ${choice("panel").value} ${name}`;
              target.append(panel(title, rows.filter(row => row.panel === name), x, y, kinds, across, up));
            }
            const legend = figure.querySelector(".legend");
            legend.replaceChildren(...(color < 0 ? [] : kinds.map((kind, index) => {
              const item = element("li", "");
              const [glyph, style] = data.glyphs[index % data.glyphs.length];
              item.append(element("b", `key ${style}`, glyph), `${choice("color").value} ${kind === "" ? "none" : kind}`);
              return item;
            })));
          }
          draw();
        })();
        """
}
