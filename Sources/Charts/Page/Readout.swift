/// Shows the row, the column and the value of the cell of a heat map under the pointer, as its table has them.
enum Readout {
    static let script = """
        "use strict";
        (() => {
          const box = document.createElement("div");
          box.className = "readout";
          box.hidden = true;
          document.body.append(box);
          document.addEventListener("pointermove", event => {
            const area = event.target.closest && event.target.closest("[data-heat]");
            box.hidden = !area;
            if (!area) return;
            const [rows, columns] = area.dataset.heat.split(" ").map(Number);
            const frame = area.getBoundingClientRect();
            const row = Math.floor((event.clientY - frame.top) / frame.height * rows);
            const column = Math.floor((event.clientX - frame.left) / frame.width * columns);
            const table = area.closest("figure").querySelector("table");
            const line = table && table.tBodies[0].rows[row];
            const cell = line && line.cells[column + 1];
            box.hidden = !cell;
            if (!cell) return;
            box.textContent = `${table.tHead.rows[0].cells[0].textContent} ${line.cells[0].textContent}, `
              + `${table.tHead.rows[0].cells[column + 1].textContent}: ${cell.textContent}`;
            box.style.left = Math.min(event.clientX + 14, innerWidth - box.offsetWidth - 4) + "px";
            box.style.top = (event.clientY + 16) + "px";
          });
        })();
        """
}
