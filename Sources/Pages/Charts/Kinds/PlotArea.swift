/// A drawing with axes. Shapes stretch with the page; words do not, and so stay legible at any width.
struct PlotArea {
    /// A mark on an axis.
    struct Tick {
        /// The place on the axis: 0 at its beginning, 1 at its end.
        let place: Double
        let label: String
        /// True for a tick that a narrow page leaves out.
        var isMinor = false
    }

    /// Height of the drawing, in CSS pixels.
    var height: Int
    /// Room for the labels at the left, in characters.
    var gutter = 5
    /// The title of the axis at the left, with its unit.
    var yTitle = ""
    /// The title of the axis below, with its unit.
    var xTitle = ""
    var yTicks: [Tick] = []
    var xTicks: [Tick] = []
    /// True where a line runs through the drawing from each tick at the left.
    var hasGrid = true
    /// SVG shapes of the drawing, in coordinates from 0 to ``Coordinate/extent``, y downwards.
    var shapes: [Markup] = []
    /// Words and glyphs over the drawing.
    var labels: [Markup] = []
    /// Attributes of the drawing's element, by name without their prefix `data-`.
    var data: KeyValuePairs<String, String?> = [:]

    /// Return a text that stands over the drawing.
    ///
    /// - Parameters:
    ///   - x: 0 at the left, 1 at the right.
    ///   - y: 0 at the top, 1 at the bottom.
    static func label(_ text: String, x: Double, y: Double, style: String) -> Markup {
        .element(
            "span",
            ["class": style, "style": "left:\(Coordinate.percent(x));top:\(Coordinate.percent(y))"],
            text
        )
    }

    var markup: Markup {
        let grid = hasGrid ? yTicks.map { "M0 \(Coordinate.path(1 - $0.place))h1000" }.joined() : ""
        let lines = Markup.element("path", ["class": "grid", "d": grid])
        let drawing = Markup.element(
            "svg",
            ["viewBox": "0 0 1000 1000", "preserveAspectRatio": "none", "focusable": "false", "aria-hidden": "true"],
            (hasGrid ? [lines] : []) + shapes
        )
        var attributes = "<div class=\"area\" style=\"height:\(height)px\""
        for case (let key, let value?) in data { attributes += " data-\(key)=\"\(Markup(value).source)\"" }
        let area =
            Markup(trusted: attributes + ">") + drawing + Markup(labels + yLabels + xLabels)
            + Markup(trusted: "</div>")
        return .element(
            "div",
            ["class": "plot", "style": "--gutter:\(gutter)ch"],
            [title(yTitle, "ytitle"), area, title(xTitle, "xtitle")]
        )
    }

    private func title(_ text: String, _ style: String) -> Markup {
        text.isEmpty ? .empty : .element("div", ["class": style], text)
    }

    private var yLabels: [Markup] {
        yTicks.map { tick in
            .element(
                "span",
                ["class": "y tick", "style": "top:\(Coordinate.percent(1 - tick.place))"],
                tick.label
            )
        }
    }

    private var xLabels: [Markup] {
        xTicks.map { tick in
            .element(
                "span",
                [
                    "class": tick.isMinor ? "x tick minor" : "x tick",
                    "style": "left:\(Coordinate.percent(tick.place))",
                ],
                tick.label
            )
        }
    }
}

extension PlotArea {
    /// Return the ticks of a scale; every other one is minor where there are more than four.
    static func ticks(_ scale: AxisScale) -> [Tick] {
        scale.ticks.enumerated().map { index, value in
            Tick(place: scale.place(value), label: scale.label(value), isMinor: scale.ticks.count > 4 && index % 2 == 1)
        }
    }

    /// Return ticks in the middle of at most `most` of `count` equal parts; `label` names a part.
    static func ticks(ofParts count: Int, most: Int = 16, label: (Int) -> String) -> [Tick] {
        let stride = partStride(count, most)
        return Swift.stride(from: 0, to: count, by: stride).enumerated().map { index, part in
            Tick(
                place: (Double(part) + 0.5) / Double(count),
                label: label(part),
                isMinor: count / stride > 8 && index % 2 == 1
            )
        }
    }

    /// The number of parts per tick: a power of two, as the numbers of experts and ranks mostly are.
    private static func partStride(_ count: Int, _ most: Int) -> Int {
        var stride = 1
        while (count + stride - 1) / stride > most { stride *= 2 }
        return stride
    }
}
