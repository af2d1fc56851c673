public import Foundation

/// A point in time as a person types it: a time ago (`30d`, `12h`, `90m`), or a date in UTC (`2026-11-21`,
/// `2026-11-21T18:00:00Z`).
public struct PointInTime: Sendable {
    /// The allowed texts, in words.
    public static let allowed =
        "a number with m, h, d or w (so long ago), or a date like 2026-11-21 or 2026-11-21T18:00:00Z"
    private static let seconds: [Character: Double] = ["m": 60, "h": 3600, "d": 86_400, "w": 604_800]

    /// The point itself.
    public let date: Date

    /// Read a text; return nil for anything but ``allowed``.
    public init?(argument: String) {
        if let unit = argument.last.flatMap({ Self.seconds[$0] }), let count = Double(argument.dropLast()),
            count >= 0, count.isFinite
        {
            date = Date(timeIntervalSinceNow: -count * unit)
        } else if let date = try? Date(argument, strategy: .iso8601) {
            self.date = date
        } else if let date = try? Date(argument, strategy: Date.ISO8601FormatStyle().year().month().day()) {
            self.date = date
        } else {
            return nil
        }
    }
}
