/// A whole HTML page in one file; its content security policy forbids loading anything from elsewhere.
public struct Page: Sendable {
    /// The title of the page.
    public var title: String
    /// The line under the title.
    public var subtitle: String
    /// The content of the page, in order.
    public var content: [Markup]
    /// The scripts of the page, beside the readout of heat maps.
    public var scripts: [String]
    /// The nonce that lets the scripts run when a server sends the page; they may then fetch from that server. Nil for
    /// a file, whose scripts fetch from nowhere.
    public var nonce: String?

    /// A page with its title, content and scripts.
    public init(
        title: String,
        subtitle: String,
        content: [Markup],
        scripts: [String] = [],
        nonce: String? = nil
    ) {
        self.title = title
        self.subtitle = subtitle
        self.content = content
        self.scripts = scripts
        self.nonce = nonce
    }

    /// The page as HTML.
    public var html: String {
        let scriptPolicy = nonce.map { "'nonce-\($0)'; connect-src 'self'" } ?? "'unsafe-inline'"
        let policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src \(scriptPolicy)"
        let head = Markup.element(
            "head",
            [:],
            [
                .element("meta", ["charset": "utf-8"]),
                .element("meta", ["http-equiv": "Content-Security-Policy", "content": policy]),
                .element("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
                .element("meta", ["name": "color-scheme", "content": "light dark"]),
                .element("title", [:], title),
                .element("style", [:], [Markup(trusted: StyleSheet.text)]),
            ]
        )
        let header = Markup.element(
            "header",
            [:],
            [.element("h1", [:], title), .element("p", ["class": "subtitle"], subtitle)]
        )
        let scripts = ([Readout.script] + scripts).map {
            Markup.element("script", ["nonce": nonce], [Markup(trusted: $0)])
        }
        let body = Markup.element("body", [:], [header, .element("main", [:], content)] + scripts)
        return "<!DOCTYPE html>\n" + Markup.element("html", ["lang": "en"], [head, body]).source + "\n"
    }
}

/// The script that shows row, column and value of the heat map's cell under the pointer, read from the chart's table.
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

/// A part of a page: a heading, a few words, and charts side by side where there is room.
public struct PageSection: Sendable {
    private let title: String
    private let introduction: String
    private let content: [Markup]

    /// A part of a page; without content it is left out.
    public init(_ title: String, _ introduction: String = "", _ content: [Markup]) {
        self.title = title
        self.introduction = introduction
        self.content = content
    }

    /// The part as markup; empty without content.
    public var markup: Markup {
        guard !content.isEmpty else { return .empty }
        let words = introduction.isEmpty ? Markup.empty : .element("p", ["class": "intro"], introduction)
        return .element(
            "section",
            [:],
            [.element("h2", [:], title), words, .element("div", ["class": "charts"], content)]
        )
    }
}
