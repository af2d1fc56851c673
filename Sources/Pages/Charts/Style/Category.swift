/// A colour for a category of a chart: one of the eight of Okabe and Ito (*Color Universal Design*, 2008).
///
/// Colour-blind people can tell these apart. Their black is grey here, so that it shows on light and on dark pages.
public enum Category: String, CaseIterable, Sendable {
    case orange, sky, green, yellow, blue, vermilion, purple, grey

    /// The colour as `#rrggbb`.
    var color: String {
        switch self {
        case .orange: "#e69f00"
        case .sky: "#56b4e9"
        case .green: "#009e73"
        case .yellow: "#f0e442"
        case .blue: "#0072b2"
        case .vermilion: "#d55e00"
        case .purple: "#cc79a7"
        case .grey: "#8c8c8c"
        }
    }

    /// The glyph that marks points of the category, so that colour is not alone.
    public var glyph: String {
        switch self {
        case .orange: "▼"
        case .sky: "■"
        case .green: "▲"
        case .yellow: "◆"
        case .blue: "●"
        case .vermilion: "✚"
        case .purple: "★"
        case .grey: "✖"
        }
    }

    /// The class of the category in the style sheet.
    public var style: String { "c-\(rawValue)" }

    /// Return the category of the n-th of several series, from 0; after the last category, the first comes again.
    public static func number(_ index: Int) -> Category {
        let order: [Category] = [.blue, .vermilion, .green, .purple, .orange, .sky, .grey, .yellow]
        return order[index % order.count]
    }

    /// The glyph of the n-th of several series: once all colours have been used, each comes with another glyph.
    public static func glyph(number index: Int) -> String {
        number(index + index / allCases.count).glyph
    }
}
