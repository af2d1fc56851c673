/// A unit of display, chosen for a group of values so that they can be compared at a glance.
public struct DisplayUnit: Equatable, Sendable {
    /// The name of the unit, for the units row of a table.
    public let name: String
    /// The number of units in one second or byte.
    public let factor: Double
    /// The number of decimals that are shown.
    public let decimals: Int

    /// The unit µs, ms or s, by the largest of `seconds`.
    public static func seconds(_ seconds: [Double]) -> DisplayUnit {
        switch seconds.max() ?? 0 {
        case ..<1e-3: microseconds(decimals: 1)
        case ..<1: milliseconds(decimals: 3)
        case ..<100: milliseconds(decimals: 1)
        default: DisplayUnit(name: "s", factor: 1, decimals: 3)
        }
    }

    /// The unit B, KiB, MiB or GiB, by the largest of `bytes`.
    public static func bytes(_ bytes: [Double]) -> DisplayUnit {
        switch bytes.max() ?? 0 {
        case ..<0x1p13: DisplayUnit(name: "B", factor: 1, decimals: 0)
        case ..<0x1p23: DisplayUnit(name: "KiB", factor: 0x1p-10, decimals: 1)
        case ..<0x1p33: mebibytes(decimals: 1)
        default: gibibytes(decimals: 2)
        }
    }

    /// Microseconds, whatever the values are.
    public static func microseconds(decimals: Int = 0) -> DisplayUnit {
        DisplayUnit(name: "µs", factor: 1e6, decimals: decimals)
    }

    /// Milliseconds, whatever the values are.
    public static func milliseconds(decimals: Int) -> DisplayUnit {
        DisplayUnit(name: "ms", factor: 1e3, decimals: decimals)
    }

    /// MiB, whatever the values are.
    public static func mebibytes(decimals: Int = 0) -> DisplayUnit {
        DisplayUnit(name: "MiB", factor: 0x1p-20, decimals: decimals)
    }

    /// GiB, whatever the values are.
    public static func gibibytes(decimals: Int) -> DisplayUnit {
        DisplayUnit(name: "GiB", factor: 0x1p-30, decimals: decimals)
    }

    /// GB of 10^9 bytes, whatever the values are.
    public static func gigabytes(decimals: Int) -> DisplayUnit {
        DisplayUnit(name: "GB", factor: 1e-9, decimals: decimals)
    }

    /// A value in seconds or bytes as a number in this unit; `-` when it is nil.
    public func text(_ value: Double?) -> String {
        value.map { FixedPoint.text($0 * factor, decimals: decimals) } ?? "-"
    }

    /// A value in seconds or bytes with the name of the unit.
    public func full(_ value: Double?) -> String { text(value) + " " + name }
}

/// Durations in words.
public enum DurationText {
    /// A duration in seconds as `0.8 s`, `12 s`, `3 min 20 s` or `2 h 5 min`.
    public static func of(_ seconds: Double) -> String {
        guard seconds >= 9.5 else { return FixedPoint.text(max(0, seconds), decimals: 1) + " s" }
        let whole = Int(min(seconds, 1e9).rounded())
        if whole < 60 { return "\(whole) s" }
        return whole < 3600 ? "\(whole / 60) min \(whole % 60) s" : "\(whole / 3600) h \(whole % 3600 / 60) min"
    }
}
