import Basics
public import Records

/// Time and bytes of dispatch and combine.
public struct CommunicationFigures: Codable, Equatable, Sendable {
    private static let section = Figure.Section.communication
    private static let trafficKey = JSONKey(stringValue: "traffic")

    /// Its figures, those of the traffic among them.
    public let figures: FigureValues
    /// Token rows between ranks, as if each rank owned its part of the tokens.
    public let traffic: TrafficFigures

    /// The communication of recorded steps of a run on `ranks` ranks, of which `sums` has the figures.
    public init(_ steps: [StepRecord], ranks: Int, _ sums: FigureAccumulator) {
        traffic = TrafficFigures(steps.flatMap(\.layers), steps: steps.count, ranks: ranks)
        figures = FigureValues([sums.values(of: Self.section), traffic.figures])
    }

    /// Reads the figures of the catalogue and the traffic.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: JSONKey.self)
        traffic = try container.decode(TrafficFigures.self, forKey: Self.trafficKey)
        figures = FigureValues([try FigureValues(from: container, section: Self.section), traffic.figures])
    }

    /// Writes the figures of the catalogue and the traffic.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: JSONKey.self)
        try figures.encode(to: &container, section: Self.section)
        try container.encode(traffic, forKey: Self.trafficKey)
    }
}

extension CommunicationFigures: KeyMeanings {
    /// What its keys are.
    public static let meanings = [
        "traffic": "Token rows between ranks, as if each rank owned its part of the tokens."
    ]
}
