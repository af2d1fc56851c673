/// The name of a run of a sweep's point, and of its folder, for example `9c1f0a2b3c4d5e6f-r1`.
public struct PointName: Codable, Equatable, Hashable, Sendable, CustomStringConvertible {
    /// Hexadecimal digits that stand for the configuration.
    public let point: String
    /// Which of the runs of the point, from 1.
    public let `repeat`: Int

    /// A name.
    public init(point: String, repeat: Int) {
        self.point = point
        self.repeat = `repeat`
    }

    /// `<point>-r<repeat>`.
    public var description: String { "\(point)-r\(`repeat`)" }
}
