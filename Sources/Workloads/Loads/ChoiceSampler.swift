import Foundation
import MoE
import Tensors

/// A sampler of k different experts for each token, by which every expert gets its share of the copies.
///
/// Experts are drawn one after the other, each in proportion to its weight among those not drawn yet. With
/// w = -ln(1 - k s), an expert of share s is then among the k with a probability of close to k s. Source: Rosén,
/// 'Asymptotic theory for successive sampling', Annals of Mathematical Statistics 43 (2), 1972. With groups of experts,
/// a token first draws its groups in the same way by their shares, and then takes experts of these, all groups alike.
struct ChoiceSampler: Sendable {
    /// The upper limit of the draws of a token that may miss; then its other experts are drawn by going through all
    /// experts, which always ends.
    private static let mostMisses = 64

    private let choices: Int
    private let weights: [Double]
    private let experts: AliasTable
    private let groups: GroupDraw?

    /// A sampler for the experts of one layer.
    ///
    /// - Parameters:
    ///   - shares: shares of the copies, `[experts]`, of sum 1; none above 1 / choices but for rounding.
    ///   - choices: experts per token, k.
    ///   - limit: the groups that a token may use, or nil for all experts.
    init(shares: [Double], choices: Int, limit: GroupChoice?) {
        self.choices = choices
        weights = limit.map { Self.weights(shares, draws: choices, $0) } ?? Self.weights(shares, draws: choices)
        experts = AliasTable(weights)
        groups = limit.flatMap { GroupDraw($0, shares: shares) }
    }

    /// Weights with which `draws` draws of different elements include an element of share s with a probability of
    /// `draws` s.
    static func weights(_ shares: [Double], draws: Int) -> [Double] {
        // A share of 1 / draws would need an infinite weight.
        shares.map { -log1p(-min(Double(draws) * $0, 1 - 1e-6)) }
    }

    /// Weights of draws within groups, each of which, where a token uses it, gets an equal part of the token's choices:
    /// the share of a group is already in the number of tokens that use it.
    private static func weights(_ shares: [Double], draws: Int, _ limit: GroupChoice) -> [Double] {
        let size = shares.count / limit.groups
        let ofGroup = (0..<limit.groups).map { shares[$0 * size..<($0 + 1) * size].reduce(0, +) }
        let part = Double(draws) / Double(limit.kept)
        return shares.enumerated().map { expert, share in
            let whole = ofGroup[expert / size]
            return whole > 0 ? -log1p(-min(part * share / whole, 1 - 1e-6)) : 0
        }
    }

    /// The experts of `tokens` tokens, `[tokens * k]`, each token's in the order of the draws.
    func experts(tokens: Int, random: CounterRandom) -> [Int32] {
        unsafe [Int32](unsafeUninitializedCapacity: tokens * choices) { buffer, count in
            for token in 0..<tokens {
                var words = TokenWords(random: random, token: token)
                let allowed = groups?.draw(&words)
                let row = unsafe UnsafeMutableBufferPointer(
                    rebasing: buffer[token * choices..<(token + 1) * choices]
                )
                unsafe fill(row, allowed, &words)
            }
            count = tokens * choices
        }
    }

    private func fill(
        _ row: UnsafeMutableBufferPointer<Int32>,
        _ allowed: AllowedGroups?,
        _ words: inout TokenWords
    ) {
        var filled = 0
        var misses = 0
        while filled < choices {
            let expert: Int32
            if misses < Self.mostMisses {
                expert = experts.element(words.next())
                guard allowed?.contains(expert) ?? true, unsafe !row[..<filled].contains(expert) else {
                    misses += 1
                    continue
                }
            } else {
                let taken = unsafe Array(row[..<filled])
                expert = drawFromRest(taken, allowed, words.next())
            }
            unsafe row[filled] = expert
            filled += 1
        }
    }

    /// Draw one of the experts that the token may still take, in proportion to its weight; the first of them when all
    /// weights are 0.
    private func drawFromRest(_ taken: [Int32], _ allowed: AllowedGroups?, _ bits: UInt32) -> Int32 {
        let rest = weights.indices.filter { expert in
            (allowed?.contains(Int32(expert)) ?? true) && !taken.contains(Int32(expert))
        }
        var left = Double(bits) * 0x1p-32 * rest.reduce(0) { $0 + weights[$1] }
        for expert in rest {
            left -= weights[expert]
            if left < 0 { return Int32(expert) }
        }
        return Int32(rest.last { weights[$0] > 0 } ?? rest[0])
    }
}

/// The draw of the groups of experts that a token may use, by the groups' shares of the copies.
struct GroupDraw: Sendable {
    private let limit: GroupChoice
    private let bitOfExpert: [UInt64]
    private let table: AliasTable
    private let weights: [Double]

    /// Create the draw of groups under a limit, or nil when the limit keeps all groups.
    init?(_ limit: GroupChoice, shares: [Double]) {
        guard limit.limits else { return nil }
        self.limit = limit
        let size = shares.count / limit.groups
        bitOfExpert = shares.indices.map { UInt64(1) << UInt64($0 / size) }
        let ofGroup = (0..<limit.groups).map { shares[$0 * size..<($0 + 1) * size].reduce(0, +) }
        weights = ChoiceSampler.weights(ofGroup, draws: limit.kept)
        table = AliasTable(weights)
    }

    /// Draw `kept` different groups. After too many misses, the heaviest of the missing groups are taken.
    func draw(_ words: inout TokenWords) -> AllowedGroups {
        var allowed = AllowedGroups(bitOfExpert: bitOfExpert)
        var left = limit.kept
        var misses = 0
        while left > 0 {
            let group =
                misses < 256 ? table.element(words.next()) : Int32(allowed.firstMissing(of: limit.groups, weights))
            if allowed.insert(group) { left -= 1 } else { misses += 1 }
        }
        return allowed
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

    @inline(__always)
    mutating func next() -> UInt32 { UInt32(truncatingIfNeeded: generator.next() >> 32) }
}

/// A sampler of a discrete distribution in constant time.
///
/// Source: Vose, 'A linear algorithm for generating random numbers with a given distribution', IEEE Transactions on
/// Software Engineering 17 (9), 1991.
struct AliasTable: Equatable, Sendable {
    /// The part of each cell, in 2^-32, that belongs to the cell's own element.
    private let threshold: [UInt32]
    private let alias: [Int32]

    /// A table for the given weights.
    ///
    /// - Parameter weights: none negative, their sum above 0.
    init(_ weights: [Double]) {
        let count = weights.count
        let scale = Double(count) / weights.reduce(0, +)
        var parts = weights.map { $0 * scale }
        var alias = (0..<count).map { Int32($0) }
        var small = parts.indices.filter { parts[$0] < 1 }
        var large = parts.indices.filter { parts[$0] >= 1 }
        while let low = small.last, let high = large.last {
            small.removeLast()
            alias[low] = Int32(high)
            parts[high] -= 1 - parts[low]
            if parts[high] < 1 {
                large.removeLast()
                small.append(high)
            }
        }
        // What is left is full up to rounding; each is its own alias.
        for cell in small + large { parts[cell] = 1 }
        threshold = parts.map { UInt32(min($0 * 0x1p32, 0x1p32 - 1)) }
        self.alias = alias
    }

    /// The element that 32 random bits stand for: their high part chooses a cell, their low part its half.
    @inline(__always)
    func element(_ bits: UInt32) -> Int32 {
        let product = UInt64(bits) * UInt64(threshold.count)
        let cell = Int(product >> 32)
        return UInt32(truncatingIfNeeded: product) < threshold[cell] ? Int32(cell) : alias[cell]
    }
}

/// The groups of experts that one token may use.
struct AllowedGroups {
    /// Upper limit of the number of groups, each of which takes a bit of a word.
    static let most = 64

    /// The group of each expert, as a bit, `[experts]`.
    private let bitOfExpert: [UInt64]
    private var bits: UInt64 = 0

    /// Create an empty set of groups.
    ///
    /// - Parameter bitOfExpert: bit g is set of the experts of group g.
    init(bitOfExpert: [UInt64]) {
        self.bitOfExpert = bitOfExpert
    }

    /// Add a group, and return false when it was there already.
    mutating func insert(_ group: Int32) -> Bool {
        let bit = UInt64(1) << UInt64(group)
        defer { bits |= bit }
        return bits & bit == 0
    }

    @inline(__always)
    func contains(_ expert: Int32) -> Bool {
        bits & bitOfExpert[Int(expert)] != 0
    }

    /// The heaviest group that has not been added yet.
    func firstMissing(of groups: Int, _ weights: [Double]) -> Int {
        let missing = (0..<groups).filter { bits >> UInt64($0) & 1 == 0 }
        return missing.max { weights[$0] < weights[$1] } ?? 0
    }
}
