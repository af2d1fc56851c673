/// The bounds on a query: seconds, rows and bytes.
public struct QueryBounds: Equatable, Sendable {
    /// Seconds until it is interrupted.
    public var seconds: Double
    /// The most rows that it may give.
    public var rows: Int
    /// The most bytes of values that it may give, about.
    public var bytes: Int

    /// Ten seconds, 100,000 rows and 256 MiB unless said otherwise.
    public init(seconds: Double = 10, rows: Int = 100_000, bytes: Int = 256 << 20) {
        self.seconds = seconds
        self.rows = rows
        self.bytes = bytes
    }
}
