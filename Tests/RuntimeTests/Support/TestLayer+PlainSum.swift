import Cluster
import MoE
import Placement
import Tensors

extension TestLayer {
    /// One product of a token's sum.
    private struct Visit {
        let rank: Int
        let slot: Int
        let expert: Int
        let row: Int
        var inputWeight: Float = 1
        let weight: Float
    }

    /// Dispatch, experts and combine by plain loops over tokens and copies.
    func plainSum() -> Matrix {
        var sum = Matrix(rows: plan.tokens, columns: rows.columns)
        for token in 0..<plan.tokens {
            let visits = visits(ofToken: token)
            for summand in form.presums ? partialSums(visits) : visits.map(arrived) {
                for (column, value) in summand.enumerated() { sum[token, column] += value }
            }
            if computesCommonHere {
                for part in localParts() {
                    for column in 0..<rows.columns { sum[token, column] += part[token, column] }
                }
            }
            for column in 0..<rows.columns {
                if let outputBias { sum[token, column] += outputBias[column] }
                sum[token, column] *= outputScale
            }
        }
        return sum
    }

    /// What the coordinator computes itself, weighted.
    func localParts() -> [Matrix] {
        common.enumerated().map { index, visits in
            let values = (0..<plan.tokens).flatMap { token in
                expert(plan.experts + index, Array(rows.row(visits.firstRow + token))).map {
                    visits.weight(ofToken: token) * $0
                }
            }
            return Matrix(rows: plan.tokens, columns: rows.columns, values: values)
        }
    }

    private func visits(ofToken token: Int) -> [Visit] {
        let routed = plan.copies(ofToken: token).filter { plan.isKept($0) }.map { copy in
            let expert = Int(plan.expert[copy])
            let held = placement.slots.filter { $0.expert == expert }
            let slot = held[token % held.count]
            return Visit(
                rank: slot.rank,
                slot: slot.localIndex,
                expert: expert,
                row: token,
                inputWeight: plan.inputWeight(copy),
                weight: plan.outputWeight(copy)
            )
        }
        let home = task.sources.rank(ofToken: token)
        return routed
            + onRanks.enumerated().map { index, visits in
                let slot = placement.slots(onRank: home).count + index
                let row = visits.firstRow + token
                let expert = plan.experts + index
                return Visit(rank: home, slot: slot, expert: expert, row: row, weight: visits.weight(ofToken: token))
            }
    }

    private func output(_ visit: Visit) -> [Float] {
        let input = rows.row(visit.row).map { visit.inputWeight * $0 }
        return expert(visit.expert, Self.travelled(input, form.dispatch))
    }

    /// A copy as it arrives, times what the coordinator multiplies it by.
    private func arrived(_ visit: Visit) -> [Float] {
        guard form.carriesWeights else {
            return Self.travelled(output(visit), form.combine).map { visit.weight * $0 }
        }
        return Self.travelled(output(visit).map { $0 * visit.weight }, form.combine)
    }

    /// The sums of each rank and sent row, in rank order: the token's own row before the one of the dense network, or
    /// every row by itself where the weights went into it.
    private func partialSums(_ visits: [Visit]) -> [[Float]] {
        let ordered = visits.sorted { ($0.rank, $0.slot) < ($1.rank, $1.slot) }
        var groups: [[Visit]] = []
        for visit in ordered {
            let place = groups.firstIndex { group in
                plan.weightTarget == .output && group[0].rank == visit.rank && group[0].row == visit.row
            }
            if let place { groups[place].append(visit) } else { groups.append([visit]) }
        }
        return groups.map { group in
            var sum = [Float](repeating: 0, count: rows.columns)
            for visit in group {
                for (column, value) in output(visit).enumerated() { sum[column] += visit.weight * value }
            }
            return Self.travelled(sum, form.combine)
        }
    }
}
