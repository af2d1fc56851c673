/// One run of a sweep as a row: what was varied, and what came of it.
public struct SweepRow: Equatable, Sendable, Encodable {
    /// The values that the sweep varies, in its order.
    public let parameters: [SweepParameter]
    /// What came of it.
    public let record: PointRecord

    /// A row.
    public init(parameters: [SweepParameter], record: PointRecord) {
        self.parameters = parameters
        self.record = record
    }

    private enum CodingKeys: String, CodingKey {
        case point, `repeat`, seed, status, reason, parameters, clock, seconds, oversubscribed
    }

    /// Writes the columns of ``SweepSummary/csv()`` as keys, with the parameters together under one.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(record.name.point, forKey: .point)
        try container.encode(record.name.repeat, forKey: .repeat)
        try container.encode(record.seed, forKey: .seed)
        try container.encode(record.status, forKey: .status)
        try container.encode(reason, forKey: .reason)
        let values = Dictionary(parameters.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        try container.encode(values, forKey: .parameters)
        try container.encode(record.clock, forKey: .clock)
        try container.encode(record.seconds, forKey: .seconds)
        try container.encode(record.figures.isOversubscribed, forKey: .oversubscribed)
        try record.figures.encode(to: encoder)
    }

    /// Why the run is not valid, in one line, or nil.
    var reason: String? { record.reasons.isEmpty ? nil : record.reasons.joined(separator: "; ") }
}
