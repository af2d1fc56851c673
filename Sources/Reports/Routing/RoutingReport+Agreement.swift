import Basics
import MoE

extension RoutingReport {
    /// The most tokens that are shown one by one.
    private static let mostDifferences = 10

    /// How the choices compare with recorded ones, layer by layer; nothing where none were recorded.
    func agreementSection() -> [String] {
        guard let agreement else { return [] }
        var table = TextTable(columns: [
            .init("layer"), .init("same experts", unit: "tokens"), .init("tied", unit: "tokens"),
            .init("different", unit: "tokens"), .init("weights differ by", unit: "at most, relative"),
        ])
        for layer in layers {
            if let found = layer.agreement { table.append(["\(layer.layer)"] + Self.cells(found)) }
        }
        table.appendRule()
        table.append(["all"] + Self.cells(agreement))
        let title = "# agreement with the recorded choices: tied tokens differ only in experts of equal scores"
        return [title] + table.lines() + differences() + [verdict(agreement)]
    }

    private func differences() -> [String] {
        layers.flatMap { layer in
            layer.differences.map { difference in
                let found = "recorded \(Self.text(difference.recorded)), routed \(Self.text(difference.routed))"
                return "layer \(layer.layer), token \(difference.token): \(found)"
            }
        }.prefix(Self.mostDifferences).map { $0 }
    }

    private func verdict(_ agreement: RoutingAgreement) -> String {
        let ties = agreement.tiedTokens
        if agreement.holds { return ties == 0 ? "SAME" : "SAME but for \(Counted.text(ties, "tie"))" }
        let weights = "weights differ by more than \(Self.difference(agreement.tolerance))"
        let different = agreement.differentTokens
        return "DIFFERENT: " + (different == 0 ? weights : Counted.text(different, "token"))
    }

    private static func cells(_ agreement: RoutingAgreement) -> [String] {
        [agreement.sameTokens, agreement.tiedTokens, agreement.differentTokens].map { "\($0)" }
            + [difference(agreement.largestWeightDifference)]
    }

    private static func difference(_ value: Double?) -> String {
        value.map { FixedPoint.text($0, significant: 10) } ?? "-"
    }

    private static func text(_ experts: ChoiceAgreement.Experts) -> String {
        func list(_ values: [Int32]) -> String { values.map { "\($0)" }.joined(separator: " ") }
        let kept = experts.kept.isEmpty ? "none" : list(experts.kept)
        return experts.dropped.isEmpty ? kept : "\(kept) (dropped \(list(experts.dropped)))"
    }
}
