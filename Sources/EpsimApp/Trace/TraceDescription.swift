import Basics
import MoE
import Workloads

/// What a file of recorded routing holds: its shape, and the loads of its experts.
struct TraceDescription: Encodable {
    /// The loads of one layer.
    struct Layer: Encodable {
        /// The number of the layer in the file.
        let layer: Int
        /// The largest load of an expert over the mean of all experts; nil where no expert was chosen.
        @OrNull private(set) var imbalance: Double?
        @OrNull private(set) var busiestExpert: Int?
        let neverChosen: Int
        let withoutExpert: Int
        let duplicates: Int
        /// Choices per expert, `[experts]`.
        let loads: [Int]
    }

    /// The most tokens of a step in the configuration that is printed.
    private static let stepTokens = 512

    let file: String
    let form: String
    let tokens: Int
    let choicesPerToken: Int
    let experts: Int
    let expertsSeen: Int
    let hasWeights: Bool
    let hasTokenIds: Bool
    let sequences: Int?
    /// What was taken for granted or left out, and what is odd; nil for nothing.
    let note: String?
    let layers: [Layer]
    /// The loads from which this was made.
    let counted: RoutingLoads

    private enum CodingKeys: CodingKey {
        case file, form, tokens, choicesPerToken, experts, expertsSeen, hasWeights, hasTokenIds, sequences, note, layers
    }

    /// - Parameter experts: experts of a layer, at least those that were chosen.
    init(_ routing: any RecordedRouting, _ loads: RoutingLoads, experts: Int) {
        file = routing.path
        form = routing.form
        tokens = routing.shape.tokens
        choicesPerToken = routing.shape.choices
        self.experts = experts
        expertsSeen = loads.expertsSeen
        hasWeights = routing.hasWeights
        hasTokenIds = routing.tokenIDs != nil
        sequences = routing.sequenceLengths?.count
        note = WordList.notes([routing.note, loads.note])
        counted = loads
        layers = loads.layers.map { layer in
            let counts = layer.counts(experts: experts)
            let isLoaded = counts.contains { $0 > 0 }
            return Layer(
                layer: layer.number,
                imbalance: isLoaded ? LoadStatistics(counts).imbalance : nil,
                busiestExpert: isLoaded ? counts.indices.max { (counts[$0], $1) < (counts[$1], $0) } : nil,
                neverChosen: counts.count { $0 == 0 },
                withoutExpert: layer.withoutExpert,
                duplicates: layer.duplicates,
                loads: counts
            )
        }
    }

    /// Shape and contents on one line.
    var summary: String {
        let seen = expertsSeen == 0 ? "no experts seen" : "\(Counted.text(expertsSeen, "expert")) seen"
        return [
            Counted.text(tokens, "token"), Counted.text(layers.count, "layer"), "top-\(choicesPerToken)", seen,
            hasWeights ? "with weights" : "without weights",
        ].joined(separator: ", ")
    }

    /// What the file holds beside the choices, or nil.
    var beside: String? {
        let parts = [
            hasWeights ? "weights" : nil, hasTokenIds ? "token ids" : nil,
            sequences.map { Counted.text($0, "sequence") },
        ].compactMap { $0 }
        return parts.isEmpty ? nil : WordList.all(parts)
    }

    /// The description for a terminal of some width.
    func text(width: Int) -> String {
        var lines = [summary, "\(Printable.text(file)): \(form)\(beside.map { "; \($0)" } ?? "")", ""]
        var table = TextTable(columns: [
            .init("layer"), .init("imbalance", unit: "max / mean"), .init("busiest", unit: "expert"),
            .init("never chosen", unit: "of \(experts) experts"), .init("no choice", unit: "choices"),
            .init("chosen twice", unit: "choices"),
        ])
        for layer in layers {
            table.append(
                [
                    "\(layer.layer)", layer.imbalance.map { FixedPoint.text($0, decimals: 3) } ?? "-",
                    layer.busiestExpert.map(String.init) ?? "-",
                ]
                    + [layer.neverChosen, layer.withoutExpert, layer.duplicates].map(String.init)
            )
        }
        lines += table.lines(width: width)
        if let note { lines += ["", "note: \(note)"] }
        let twice = layers.reduce(0) { $0 + $1.duplicates }
        if twice > 0 {
            let numbers = layers.filter { $0.duplicates > 0 }.map(\.layer)
            let shown =
                numbers.prefix(12).map(String.init).joined(separator: ", ") + (numbers.count > 12 ? ", ..." : "")
            let place = "\(Counted.noun(numbers.count, "layer")) \(shown)"
            lines += ["", "Not to be replayed as it is: tokens have chosen an expert twice in \(place)."]
        }
        return lines.joined(separator: "\n")
    }

    /// The lines of a configuration that replays the trace at a path.
    func configuration(path: String) throws(JSONError) -> String {
        let isPlain = path.utf8.allSatisfy { byte in
            UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 || UInt8(ascii: "-")...UInt8(ascii: "9") ~= byte
                || byte == UInt8(ascii: "_")
        }
        // A text of JSON is one of YAML.
        let shown = isPlain && !path.hasPrefix("-") ? path : try JSONText.line(path)
        return """
            # replays it; a path is relative to the configuration; hidden and expert_ffn are those of your model
            model: {layers: \(layers.count), hidden: 512, experts: \(experts), expert_ffn: 1024}
            router: {top_k: \(choicesPerToken)}
            workload: {kind: trace, path: \(shown), tokens: \(min(tokens, Self.stepTokens))}
            """
    }
}
