import Foundation

/// Numbers as they stand in a drawing: places on an axis are 0 to 1000 in a path, and percent in a style.
enum Coordinate {
    /// The width and the height of every drawing's own coordinates, which stretch to the room that there is.
    static let extent = 1000.0

    /// Return a place on an axis as a number of an SVG path, 0 to 1000, to a tenth.
    static func path(_ place: Double) -> String { short(place * extent) }

    /// Return a place on an axis as a percentage for a CSS style.
    static func percent(_ place: Double) -> String { String(format: "%.2f%%", place * 100) }

    /// Return a number as text with at most one decimal.
    static func short(_ value: Double) -> String {
        let tenths = (value * 10).rounded()
        let whole = Int(tenths / 10)
        let rest = abs(Int(tenths) % 10)
        if rest == 0 { return "\(whole)" }
        return tenths < 0 && whole == 0 ? "-0.\(rest)" : "\(whole).\(rest)"
    }
}
