import Basics
import CostModel
import MoE
import Placement

/// What `epsim place` prints: whether another placement is worth it, in two sentences, and the table of policies.
struct PlacementText {
    /// The loads that placements were scored on.
    enum Scored {
        /// The second half of the file.
        case laterHalf
        /// The file by which they were placed.
        case same
        /// Another file.
        case other(String)

        var words: String {
            switch self {
            case .laterHalf: "the second half of the file, placed by the first"
            case .same: "the very loads that they were placed by; --evaluate names later ones"
            case .other(let name): "the loads of \(name)"
            }
        }
    }

    let study: PlacementStudy
    let model: LayerModel
    let slots: Int
    let tokens: Double
    let scored: Scored
    let notes: [String]

    /// Everything that is known, as data.
    var facts: Facts {
        Facts(
            answer: answer,
            isWorthIt: isWorthIt,
            scoredOn: scored.words,
            hardware: model.cluster.profile.name,
            ranks: model.cluster.ranks,
            slots: slots,
            tokensPerStep: tokens,
            lowerBound: study.lowerBound,
            imbalanceOfOracle: study.oracle,
            slotBytes: study.bytesOfSlot,
            policies: study.rows.map { PolicyFacts($0, ranks: model.cluster.ranks, tokens: tokens) },
            notes: notes
        )
    }

    /// The lines of the answer, the table and the notes.
    func lines(width: Int) -> [String] {
        let context =
            "\(slots) slots of \(model.model.experts) experts on \(model.cluster.ranks) ranks of \(model.cluster.profile.name), "
            + "\(FixedPoint.text(tokens, decimals: 0)) tokens a step; scored on \(scored.words)"
        let bounds =
            "no placement with as many slots can have less than \(Self.ratio(study.lowerBound)) on these loads; EPLB on each step "
            + "itself has \(Self.ratio(study.oracle))"
        return LineWrap.lines(answer, width: width) + [""] + LineWrap.lines(context, width: width) + [""]
            + table.lines(width: width) + [""] + LineWrap.lines(bounds, width: width)
            + notes.flatMap { LineWrap.lines("note: \($0)", width: width) }
    }

    private var table: TextTable {
        let time = DisplayUnit.seconds(study.rows.map(\.seconds))
        let bytes = DisplayUnit.gigabytes(decimals: 1)
        let planning = DisplayUnit.milliseconds(decimals: 1)
        var columns = [
            TextTable.Column("placement", alignment: .left), TextTable.Column("past"), TextTable.Column("later"),
            TextTable.Column("p90"), TextTable.Column("max"), TextTable.Column("step", unit: time.name),
            TextTable.Column("tokens/s", unit: "a rank"), TextTable.Column("moved", unit: "experts"),
            TextTable.Column("bytes", unit: bytes.name), TextTable.Column("pays", unit: "after steps"),
            TextTable.Column("planned", unit: planning.name),
        ]
        let hasOther = study.rows.contains { $0.other != nil }
        if hasOther { columns.insert(TextTable.Column("other"), at: 5) }
        var table = TextTable(columns: columns)
        for row in study.rows {
            let rate = row.seconds > 0 ? tokens / row.seconds / Double(model.cluster.ranks) : nil
            let scores = [row.past, row.future?.mean, row.future?.p90, row.future?.max].map { Self.ratio($0) }
            let pays = row.breakEvenSteps.map { FixedPoint.text($0.rounded(.up), decimals: 0) }
            let planned = row.policy.map { _ in planning.text(row.planningSeconds) }
            var cells = [row.policy?.rawValue ?? "in force"] + scores
            cells += [time.text(row.seconds), rate.map { FixedPoint.text($0, decimals: 0) } ?? "-"]
            cells += ["\(row.moves.copies)", bytes.text(row.moves.bytes), pays ?? "-", planned ?? "-"]
            if hasOther { cells.insert(Self.ratio(row.other), at: 5) }
            table.append(cells)
        }
        return table
    }

    private var isWorthIt: Bool {
        let (best, inForce) = (study.best, study.rows[0])
        return best.seconds < (1 - PlacementStudy.leastGain) * inForce.seconds
    }

    /// Whether it is worth it, in two sentences with numbers.
    private var answer: String {
        let (best, inForce) = (study.best, study.rows[0])
        let name = best.policy?.rawValue ?? "in force"
        let time = DisplayUnit.seconds([best.seconds, inForce.seconds])
        let balance =
            "\(name) has an imbalance of \(Self.ratio(best.future?.mean)) where the placement in force has "
            + "\(Self.ratio(inForce.future?.mean))"
        let steps = "the MoE layers of a step take \(time.full(best.seconds)) instead of \(time.full(inForce.seconds))"
        let bytes = DisplayUnit.gigabytes(decimals: 1)
        let redundant = Double(slots - model.model.experts) / Double(model.cluster.ranks)
        let memory =
            redundant > 0
            ? "; the redundant slots take \(bytes.full(redundant * study.bytesOfSlot)) of each rank's memory" : ""
        guard isWorthIt else {
            return
                "No: \(balance), and \(steps), which is no gain that the model can tell. What the imbalance costs is hidden "
                + "by what every rank has to do anyway, such as reading the weights of its experts\(memory)."
        }
        let factor = FixedPoint.text(inForce.seconds / best.seconds, decimals: 2)
        let pays = best.breakEvenSteps.map { Counted.text(Int($0.rounded(.up)), "step") } ?? "no step"
        return "Yes: \(balance), so that \(steps) (\(factor) × faster). Bringing \(best.moves.copies) experts "
            + "(\(bytes.full(best.moves.bytes)), at most \(bytes.full(best.moves.mostReceived)) to one rank) takes "
            + "\(DisplayUnit.seconds([best.moves.seconds]).full(best.moves.seconds)) and is paid back after \(pays)\(memory)."
    }

    private static func ratio(_ value: Double?) -> String {
        value.map { FixedPoint.text($0, decimals: 3) } ?? "-"
    }
}

extension PlacementText {
    /// The answer and the table as data.
    struct Facts: Encodable {
        let answer: String
        let isWorthIt: Bool
        let scoredOn: String
        let hardware: String
        let ranks: Int
        let slots: Int
        let tokensPerStep: Double
        let lowerBound: Double
        let imbalanceOfOracle: Double
        /// Bytes of the weights of one slot in all layers.
        let slotBytes: Double
        let policies: [PolicyFacts]
        let notes: [String]
    }

    /// One row of the table as data.
    struct PolicyFacts: Encodable {
        let policy: String
        let pastImbalance: Double
        @OrNull private(set) var laterImbalance: Summary?
        @OrNull private(set) var otherImbalance: Double?
        let stepSeconds: Double
        let tokensPerSecondPerRank: Double
        let movedExperts: Int
        let movedBytes: Double
        let mostReceivedBytes: Double
        let moveSeconds: Double
        @OrNull private(set) var breakEvenSteps: Double?
        let planningSeconds: Double
        /// Slots that share a rank with another of the same expert, over all layers.
        let duplicates: Int

        init(_ row: PlacementStudy.Row, ranks: Int, tokens: Double) {
            policy = row.policy?.rawValue ?? "in force"
            pastImbalance = row.past
            _laterImbalance = OrNull(wrappedValue: row.future)
            _otherImbalance = OrNull(wrappedValue: row.other)
            stepSeconds = row.seconds
            tokensPerSecondPerRank = row.seconds > 0 ? tokens / row.seconds / Double(ranks) : 0
            movedExperts = row.moves.copies
            movedBytes = row.moves.bytes
            mostReceivedBytes = row.moves.mostReceived
            moveSeconds = row.moves.seconds
            _breakEvenSteps = OrNull(wrappedValue: row.breakEvenSteps)
            planningSeconds = row.planningSeconds
            duplicates = row.duplicates
        }
    }
}
