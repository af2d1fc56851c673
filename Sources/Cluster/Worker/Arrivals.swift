/// The slots that a worker is preparing, and the number of each layer's map.
///
/// A message that is repeated changes nothing.
struct Arrivals: Equatable, Sendable {
    private struct Pending: Equatable {
        let arrival: SlotArrival
        var isLoaded = false
    }

    /// What becomes of a layer.
    enum Outcome: Equatable {
        /// These experts serve from now on.
        case adopt([Int])
        /// The old ones stay.
        case drop
        /// The message came before.
        case repeated
    }

    private var pending: [Int: Pending] = [:]
    private var maps: [Int: UInt16] = [:]
    /// The number of the newest map that was asked for, by layer.
    private var newest: [Int: UInt16] = [:]

    /// The number of the map of a layer that is in force.
    func map(ofLayer layer: Int) -> UInt16 { maps[layer] ?? 0 }

    /// Begin a change; return false for a repeated message.
    mutating func begin(_ arrival: SlotArrival) throws(WireError) -> Bool {
        guard newest[arrival.layer] != arrival.map else { return false }
        guard pending[arrival.layer] == nil else {
            throw WireError("new slots for layer \(arrival.layer), which is changing already")
        }
        newest[arrival.layer] = arrival.map
        pending[arrival.layer] = Pending(arrival: arrival)
        return true
    }

    /// Note an outcome of loading; return whether it is of a change under way and without a refusal.
    mutating func note(_ answer: Prepared) -> Bool {
        guard pending[answer.layer]?.arrival.map == answer.map, answer.refusal == nil else { return false }
        pending[answer.layer]?.isLoaded = true
        return true
    }

    mutating func settle(_ settlement: Settlement) throws(WireError) -> Outcome {
        let layer = settlement.layer
        guard newest[layer] == settlement.map else {
            throw WireError("the end of a change of layer \(layer) that it was not told of")
        }
        guard let change = pending.removeValue(forKey: layer) else { return .repeated }
        guard settlement.switches else { return .drop }
        guard change.isLoaded else { throw WireError("a switch of layer \(layer) to slots that are not loaded") }
        maps[layer] = settlement.map
        return .adopt(change.arrival.experts)
    }
}
