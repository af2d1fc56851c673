internal import MoE

/// The probability that a token sends at least one of its k copies to a set of experts, or to some of their slots.
///
/// Choices follow the ``ChoiceLaw`` whose loads are those of the routing, within the groups that a token keeps. The
/// probability of missing a set is the sum over all choices outside it, over the sum of all. For equal shares without
/// groups this is the hypergeometric distribution exactly. Source: Chen and Liu, 'Statistical applications of the
/// Poisson-binomial and conditional Bernoulli distributions', Statistica Sinica 7, 1997.
///
/// A copy of an expert that has a part s of its slots in the set goes there with probability s, whatever the token's
/// other copies do: missing the set then leaves the expert the odds times 1 - s.
struct HitProbability {
    /// An expert of a set, with the share of its copies that go there.
    struct Part {
        var expert: Int
        /// The share of the expert's copies that go to the set.
        var share = 1.0
    }

    /// Where an expert stands in the law.
    private enum Place {
        /// In no token.
        case nowhere
        /// In every token.
        case certain
        /// Among those that are drawn, in a group.
        case drawn(group: Int, index: Int)
    }

    private let law: ChoiceLaw
    private let counts: [GroupCounts]
    /// For each group and number of its copies, the sum over the other groups.
    private let weights: [[Double]]
    private let total: Double
    private let places: [Place]

    init(_ routing: ExpectedRouting) {
        let fit =
            routing.fit
            ?? ChoiceFit(ChoiceLaw(shares: routing.shares, choices: routing.choices, limit: routing.limit))
        law = fit.law
        var places = [Place](repeating: .nowhere, count: routing.shares.count)
        for expert in law.certain { places[Int(expert)] = .certain }
        for (group, members) in law.groups.enumerated() {
            for index in members.places {
                places[Int(law.experts[index])] = .drawn(group: group, index: index - members.places.lowerBound)
            }
        }
        self.places = places
        guard law.draws > 0, !law.experts.isEmpty else {
            (counts, weights, total) = ([], [], 1)
            return
        }
        let chances = law.centred(fit.logits).chances
        let most = law.draws
        counts = law.groups.map { GroupCounts(chances[$0.places], most: most) }
        let table = GroupTable(law, counts)
        weights = table.weights()
        total = table.probability
    }

    /// The probability that a token hits each of some sets, `[sets]`. No set is empty or has an expert twice.
    func hits(_ sets: [[Part]]) -> [Double] {
        sets.map { min(1, max(0, 1 - missed($0))) }
    }

    private func missed(_ set: [Part]) -> Double {
        var missed = 1.0
        var changed: [Int: [Chance]] = [:]
        for part in set {
            switch places[part.expert] {
            case .nowhere: continue
            case .certain: missed *= 1 - part.share
            case .drawn(let group, let index):
                changed[group, default: counts[group].chances][index] = counts[group].chances[index].without(part.share)
            }
        }
        guard let (group, chances) = changed.first, missed > 0, total > 0 else { return missed }
        guard changed.count > 1 else {
            let rest = GroupCounts(chances[...], most: law.draws)
            let sum = weights[group].indices.reduce(0) { $0 + weights[group][$1] * rest.probability(of: $1) }
            return missed * sum / total
        }
        let rest = counts.indices.map { group in
            changed[group].map { GroupCounts($0[...], most: law.draws) } ?? counts[group]
        }
        return missed * GroupTable(law, rest).probability / total
    }
}
