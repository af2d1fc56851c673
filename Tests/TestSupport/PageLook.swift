import Foundation

/// What a person would see of a page at one size and in one colour scheme.
public struct PageLook: Sendable {
    /// What is wrong with it, each in a line; empty when all is drawn.
    public let troubles: [String]
    /// Titles of its charts, in order.
    public let charts: [String]
    /// Values of its cards by the path of their figure.
    public let figures: [String: Double]

    /// The widths at which pages are looked at: a desk and a phone.
    public static let widths = [1280, 390]

    /// Opens a file and looks at it.
    public init(_ path: String, in browser: Browser, width: Int, isDark: Bool, picture: String? = nil) throws {
        let address = URL(fileURLWithPath: path).absoluteString
        try self.init(address: address, in: browser, width: width, isDark: isDark, picture: picture)
    }

    /// Opens an address and looks at it when it shows so many charts; it may ask for what lies below the address.
    public init(
        address: String,
        charts wanted: Int = 0,
        in browser: Browser,
        width: Int,
        isDark: Bool,
        picture: String? = nil
    ) throws {
        let page = try browser.page(width: width, isDark: isDark)
        try page.open(address)
        try page.wait(until: "document.querySelectorAll('figure').length >= \(wanted)")
        let text = try page.evaluate(Self.script) as? String ?? "{}"
        let seen = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] ?? [:]
        let others = page.requests.filter { !$0.hasPrefix(address) && !$0.hasPrefix("data:") }.map { "asks for \($0)" }
        let background = seen["background"] as? String ?? ""
        let isReallyDark = background.contains("20, 23, 27")
        troubles =
            page.errors + others + (seen["troubles"] as? [String] ?? ["the script saw nothing"])
            + (isReallyDark == isDark ? [] : ["background \(background) in \(isDark ? "dark" : "light") mode"])
        charts = seen["charts"] as? [String] ?? []
        figures = (seen["figures"] as? [String: String] ?? [:]).compactMapValues(Double.init)
        if let picture { try page.screenshot(picture) }
    }

    /// Every chart must have a title, a description, a drawing with area, numbers, and labels that do not overlap.
    private static let script = """
        (() => {
          const troubles = [], charts = [], figures = {};
          const say = (figure, text) => troubles.push(`${figure.id}: ${text}`);
          if (document.documentElement.scrollWidth > innerWidth)
            troubles.push(`the page is ${document.documentElement.scrollWidth} wide in ${innerWidth}`);
          for (const figure of document.querySelectorAll("figure")) {
            charts.push(figure.querySelector("figcaption")?.textContent ?? "");
            if (!figure.querySelector("figcaption")?.textContent) say(figure, "no title");
            const drawing = figure.querySelector("[role=img]");
            const described = document.getElementById(drawing?.getAttribute("aria-describedby") ?? "");
            if (!described?.textContent || !drawing.getAttribute("aria-label")) say(figure, "nothing for screen readers");
            const area = figure.querySelector(".area")?.getBoundingClientRect();
            if (!area || area.width < 100 || area.height < 20) say(figure, `no area ${JSON.stringify(area)}`);
            if (area && (area.left < 0 || area.right > innerWidth)) say(figure, "outside of the window");
            const shapes = [...figure.querySelectorAll("svg path:not(.grid):not(.rule), .area .glyph")]
              .map(shape => shape.getBoundingClientRect()).filter(box => box.width + box.height > 1);
            if (shapes.length === 0) say(figure, "nothing drawn");
            if (!figure.querySelector("details table tbody tr td")) say(figure, "no numbers");
            const ticks = [...figure.querySelectorAll(".area > .x.tick")].map(tick => tick.getBoundingClientRect())
              .filter(box => box.width > 0).sort((a, b) => a.left - b.left);
            ticks.forEach((box, index) => {
              if (index > 0 && box.left < ticks[index - 1].right - 0.5) say(figure, `tick ${index} over its neighbour`);
            });
          }
          for (const card of document.querySelectorAll("[data-figure]")) figures[card.dataset.figure] = card.dataset.value;
          const ids = [...document.querySelectorAll("[id]")].map(element => element.id);
          if (new Set(ids).size !== ids.length) troubles.push("an id twice");
          return JSON.stringify({troubles, charts, figures, background: getComputedStyle(document.body).backgroundColor});
        })()
        """
}
