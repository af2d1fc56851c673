import Foundation
import MoE
import Tensors

/// A sampler of k different experts for each token, by which every expert gets its share of the copies.
///
/// Sets of experts are drawn by the ``ChoiceLaw`` that ``ChoiceFit`` has found: first the number of experts of each
/// group, then the experts of each, all by exact conditional probabilities.
struct ChoiceSampler: Sendable {
    private let law: ChoiceLaw
    private let choices: Int
    private let table: GroupTable
    private let groups: [MemberDraw]

    /// A sampler for the experts of one layer.
    ///
    /// - Parameter fit: the experts, their loads and their odds.
    init(_ fit: ChoiceFit) {
        let law = fit.law
        self.law = law
        choices = law.draws + law.certain.count
        let chances = law.draws > 0 ? law.centred(fit.logits).chances : []
        let counts = law.draws > 0 ? law.groups.map { GroupCounts(chances[$0.places], most: law.draws) } : []
        table = GroupTable(law, counts)
        groups = zip(law.groups, counts).map { MemberDraw($1, experts: law.experts[$0.places]) }
    }

    /// The experts of `tokens` tokens, `[tokens * k]`, each token's in a random order.
    func experts(tokens: Int, random: CounterRandom) -> [Int32] {
        var experts: [Int32] = []
        experts.reserveCapacity(tokens * choices)
        for token in 0..<tokens {
            var words = TokenWords(random: random, token: token)
            let start = experts.count
            experts += law.certain
            draw(&experts, &words)
            // No place among a token's choices means anything, so none may go with an expert's number.
            for place in stride(from: experts.count - 1, to: start, by: -1) {
                experts.swapAt(place, start + words.below(place - start + 1))
            }
        }
        return experts
    }

    private func draw(_ experts: inout [Int32], _ words: inout TokenWords) {
        var (left, allowed) = (law.draws, law.kept)
        for index in groups.indices where left > 0 {
            let (taken, uses) =
                groups.count == 1 ? (left, 1) : number(ofGroup: index, left, allowed, words.uniform())
            allowed -= uses
            left -= taken
            groups[index].draw(taken, &experts, &words)
        }
    }

    /// The number of copies of a group, and 1 when it is kept, given what is left of the token.
    private func number(ofGroup index: Int, _ left: Int, _ allowed: Int, _ uniform: Double) -> (taken: Int, uses: Int) {
        var rest = uniform * table.rest(from: index, groups: allowed, copies: left)
        var last = (taken: 0, uses: 0)
        for taken in 0...left {
            for uses in 0...1 {
                let weight = table.weight(of: index, taken: taken, uses: uses, groups: allowed, copies: left)
                guard weight > 0 else { continue }
                last = (taken, uses)
                rest -= weight
                if rest < 0 { return last }
            }
        }
        return last
    }
}

/// The draw of a given number of experts of one group.
private struct MemberDraw: Sendable {
    private let experts: [Int32]
    private let width: Int
    /// The logarithm of the probability that none of the experts before a place is chosen, and so many from there on,
    /// `[places + 1][width]`. For one number it falls from place to place.
    private let logs: [Double]

    init(_ counts: GroupCounts, experts: ArraySlice<Int32>) {
        self.experts = Array(experts)
        width = counts.most + 1
        var missed = 0.0
        var logs: [Double] = []
        logs.reserveCapacity(counts.behind.count)
        for place in 0...experts.count {
            logs += counts.behind[place * width..<(place + 1) * width].map { log($0) + missed }
            if place < experts.count { missed += log(counts.chances[place].miss) }
        }
        self.logs = logs
    }

    /// Add `count` different experts, ascending.
    func draw(_ count: Int, _ chosen: inout [Int32], _ words: inout TokenWords) {
        var first = 0
        for left in stride(from: count, to: 0, by: -1) {
            let bound = logs[first * width + left] + log(words.uniform())
            // The last place before which the next expert does not stand with a probability of the uniform number.
            var (low, high) = (first, experts.count - left)
            while low < high {
                let middle = (low + high + 1) / 2
                if logs[middle * width + left] >= bound { low = middle } else { high = middle - 1 }
            }
            chosen.append(experts[low])
            first = low + 1
        }
    }
}

/// The random words of one token, one after the other.
///
/// A counter-based block seeds a generator that is cheap to step, so that a token's words depend on nothing but its
/// place.
struct TokenWords {
    private var generator: SplitMix64

    init(random: CounterRandom, token: Int) {
        let block = random.block(UInt64(token))
        generator = SplitMix64(seed: UInt64(block[0]) << 32 | UInt64(block[1]))
    }

    /// A number that is uniform on (0, 1).
    mutating func uniform() -> Double { (Double(generator.next() >> 11) + 0.5) * 0x1p-53 }

    /// A whole number that is uniform on `0..<bound`.
    mutating func below(_ bound: Int) -> Int { Int(generator.next().multipliedFullWidth(by: UInt64(bound)).high) }
}
