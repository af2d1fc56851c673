import Basics

/// The layers whose slots are changing: what every rank was told to load, and what it has answered.
struct SlotMoves {
    private struct Move {
        let map: UInt16
        let deadline: Nanoseconds
        var answers: [Prepared?]

        var missing: [Int] { answers.indices.filter { answers[$0] == nil } }
    }

    private let ranks: Int
    private let patience: Nanoseconds
    private var moves: [Int: Move] = [:]
    /// The number of the map in force, by layer; 0 before the first change.
    private var maps: [Int: UInt16] = [:]
    /// The number of the newest map, in force or not, by layer.
    private var newest: [Int: UInt16] = [:]

    /// - Parameter patience: the time within which every rank must have answered.
    init(ranks: Int, patience: Nanoseconds) {
        self.ranks = ranks
        self.patience = patience
    }

    /// The number of the map of a layer that is in force.
    func map(ofLayer layer: Int) -> UInt16 { maps[layer] ?? 0 }

    /// The arrivals that the ranks are told of, `[ranks]`.
    ///
    /// - Precondition: the layer is not changing.
    mutating func begin(_ layer: Int, experts: [[Int]], now: Nanoseconds) -> [SlotArrival] {
        precondition(moves[layer] == nil && experts.count == ranks, "layer \(layer) is changing")
        let map = (newest[layer] ?? 0) &+ 1
        newest[layer] = map
        moves[layer] = Move(
            map: map,
            deadline: now + patience,
            answers: [Prepared?](repeating: nil, count: ranks)
        )
        return experts.map { SlotArrival(layer: layer, map: map, experts: $0) }
    }

    /// Take an answer; one to a change that is over is passed over.
    ///
    /// - Returns: false when no rank was ever asked for it.
    mutating func answered(_ answer: Prepared, rank: Int) -> Bool {
        // The numbers of maps wrap around.
        guard let newest = newest[answer.layer], newest &- answer.map < 1 << 15 else { return false }
        if moves[answer.layer]?.map == answer.map { moves[answer.layer]?.answers[rank] = answer }
        return true
    }

    /// The changes that every rank has answered, one has refused, or whose time is over; they are no longer under way.
    mutating func settled(now: Nanoseconds) -> [SettledMove] {
        moves.keys.sorted().compactMap { layer in
            guard let move = moves[layer] else { return nil }
            let answers = move.answers.compactMap(\.self)
            let refusals = move.answers.enumerated().compactMap { rank, answer in
                answer?.refusal.map { "rank \(rank): \($0)" }
            }
            var refusal = refusals.first
            if refusal == nil, now > move.deadline, let late = move.missing.first {
                refusal = "rank \(late) had not loaded its experts after \(patience.seconds) s (cluster.start_seconds)"
            }
            guard refusal != nil || answers.count == ranks else { return nil }
            moves[layer] = nil
            if refusal == nil { maps[layer] = move.map }
            return SettledMove(layer: layer, map: move.map, answers: answers, refusal: refusal)
        }
    }

    /// True while any layer is changing.
    var isUnderWay: Bool { !moves.isEmpty }
}

/// A change of a layer's slots that is over.
public struct SettledMove: Equatable, Sendable {
    /// The number of the layer.
    public let layer: Int
    /// The number of the map that was asked for.
    let map: UInt16
    /// The answers of the ranks, as far as they have come.
    public let answers: [Prepared]
    /// Why the old map stays, a sentence, or nil when the new one is in force.
    public let refusal: String?
}
