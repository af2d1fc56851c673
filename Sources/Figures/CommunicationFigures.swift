import Basics
public import Records

/// Time and bytes of dispatch and combine.
public struct CommunicationFigures: Codable, Equatable, Sendable {
    private static let section = Figure.Section.communication
    private static let trafficKey = JSONKey(stringValue: "traffic")

    /// The figures of communication, those of the traffic among them.
    public let figures: FigureValues
    /// Bytes of token rows between ranks, as if each rank owned its part of the tokens.
    public let traffic: TrafficFigures

    /// The communication of recorded steps of a run on `ranks` ranks; `sums` accumulates the figures of the same steps.
    public init(_ steps: [StepRecord], ranks: Int, _ sums: FigureAccumulator) {
        traffic = TrafficFigures(steps.flatMap(\.layers), steps: steps.count, ranks: ranks)
        figures = FigureValues([sums.values(of: Self.section), traffic.figures])
    }

    /// Read the figures of the catalogue and the traffic.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: JSONKey.self)
        traffic = try container.decode(TrafficFigures.self, forKey: Self.trafficKey)
        figures = FigureValues([try FigureValues(from: container, section: Self.section), traffic.figures])
    }

    /// Write the figures of the catalogue and the traffic.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: JSONKey.self)
        try figures.encode(to: &container, section: Self.section)
        try container.encode(traffic, forKey: Self.trafficKey)
    }
}

extension CommunicationFigures: KeyMeanings {
    /// The meaning of each key in the JSON of this type, by the key in snake case.
    public static let meanings = [
        "traffic": "Token rows between ranks, as if each rank owned its part of the tokens."
    ]
}

/// Bytes of token rows per (source rank, rank), dispatch and combine together, summed over layers, mean per step.
///
/// Tokens are owned by source ranks in equal contiguous runs. Dispatch goes from the source rank to the rank that holds
/// the expert, combine the same way back; a row that stays on its rank is on the diagonal.
public struct TrafficFigures: Codable, Equatable, Sendable {
    /// Bytes per step with a row for every routed copy, `[source rank][rank]`; empty without steps.
    public let naiveBytes: [[Double]]
    /// Bytes per step with one row per token and rank that needs it, `[source rank][rank]`; empty without steps.
    public let deduplicatedBytes: [[Double]]
    /// The bytes per step between different ranks: the sum of each matrix off its diagonal.
    let figures: FigureValues

    private static let section = Figure.Section.traffic
    private static let naiveKey = JSONKey(stringValue: "naiveBytes")
    private static let deduplicatedKey = JSONKey(stringValue: "deduplicatedBytes")

    /// Compute the traffic per step from all layers of `steps` steps on `ranks` ranks.
    init(_ layers: [LayerRecord], steps: Int, ranks: Int) {
        let counted = layers.map(\.traffic).filter { $0.ranks == ranks }
        // Pairs of some layers alone would look like those of all.
        let isCounted = counted.count == layers.count
        let matrices = isCounted ? counted : []
        let steps = isCounted ? steps : 0
        naiveBytes = Self.bytes(matrices, \.naiveRows, steps: steps, ranks: ranks)
        deduplicatedBytes = Self.bytes(matrices, \.deduplicatedRows, steps: steps, ranks: ranks)
        var figures = FigureValues()
        figures[.naiveBytes] = Self.offDiagonal(naiveBytes, isCounted)
        figures[.deduplicatedBytes] = Self.offDiagonal(deduplicatedBytes, isCounted)
        self.figures = figures
    }

    /// Read the figures of the catalogue and the matrices.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: JSONKey.self)
        naiveBytes = try container.decode([[Double]].self, forKey: Self.naiveKey)
        deduplicatedBytes = try container.decode([[Double]].self, forKey: Self.deduplicatedKey)
        figures = try FigureValues(from: container, section: Self.section)
    }

    /// Write the figures of the catalogue and the matrices.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: JSONKey.self)
        try container.encode(naiveBytes, forKey: Self.naiveKey)
        try container.encode(deduplicatedBytes, forKey: Self.deduplicatedKey)
        try figures.encode(to: &container, section: Self.section)
    }

    private static func bytes(
        _ matrices: [TrafficMatrix],
        _ rows: (TrafficMatrix) -> [Int],
        steps: Int,
        ranks: Int
    ) -> [[Double]] {
        guard steps > 0 else { return [] }
        var sums = [Double](repeating: 0, count: ranks * ranks)
        for matrix in matrices {
            let rowBytes = Double(matrix.dispatchRowBytes) + Double(matrix.combineRowBytes)
            for (pair, count) in rows(matrix).enumerated() {
                sums[pair] += Double(count) * rowBytes
            }
        }
        return (0..<ranks).map { source in
            sums[source * ranks..<(source + 1) * ranks].map { $0 / Double(steps) }
        }
    }

    /// Return the sum of a matrix off its diagonal; nil where pairs of ranks were not counted, as in predictions
    /// without tokens or for very many ranks.
    private static func offDiagonal(_ matrix: [[Double]], _ isCounted: Bool) -> Double? {
        guard isCounted else { return nil }
        return matrix.indices.reduce(0) { total, source in
            total + matrix[source].indices.reduce(0) { $0 + ($1 == source ? 0 : matrix[source][$1]) }
        }
    }
}
