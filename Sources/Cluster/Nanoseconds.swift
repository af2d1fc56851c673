/// A point on a monotonic clock, or a distance between two points, in nanoseconds. Each use says which clock.
public typealias Nanoseconds = Int64

extension Nanoseconds {
    /// The nearest whole number of nanoseconds to `seconds`.
    public init(seconds: Double) {
        self = Int64((seconds * 1e9).rounded())
    }

    /// This distance in seconds.
    public var seconds: Double { Double(self) / 1e9 }
}
